import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { BaileysClient } from './baileys-client.ts'
import { ANA, arrived, BIA, linked, SHOP } from './linked.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'

let whatsapp: WhatsApp
let fio: BaileysClient
beforeAll(async () => {
  whatsapp = await startWhatsApp({ quickPairing: true })
  fio = await linked(whatsapp)
})
afterAll(async () => {
  await fio.end()
  await whatsapp.close()
})
beforeEach(async () => {
  await whatsapp.behave({ account: SHOP })
})

const say = (text: string, more = {}) =>
  whatsapp.write({ from: ANA, to: SHOP, content: { kind: 'text', text }, ...more })
const textsOf = (ids: string[]) =>
  fio.messages
    .filter(m => ids.includes(m.message.key.id ?? '') && m.message.message)
    .map(m => m.message.message?.conversation)
const again = async () => {
  await fio.socket.end(undefined)
  await until('the server to see it go', async () => (await whatsapp.sessions({}))[0]?.online === false)
  fio.connect()
  await fio.open()
}

describe('on the way to the client', () => {
  test('lost deliveries are made after the next login, in order and marked as late', async () => {
    await whatsapp.misbehave({ account: SHOP, drop: 2 })
    const ids = [(await say('one')).id, (await say('two')).id]
    const { id: third } = await say('three')
    await arrived(fio, third)
    expect(textsOf(ids)).toEqual([])
    await again()
    await until('both', () => textsOf(ids).length === 2)
    expect(textsOf(ids)).toEqual(['one', 'two'])
    expect(fio.messages.filter(m => ids.includes(m.message.key.id ?? '')).map(m => m.type)).toEqual([
      'append',
      'append',
    ])
    await until('nothing waits', async () => (await whatsapp.sessions({}))[0]?.waiting === 0)
  })

  test('what was said while the client was away waits, and comes in order', async () => {
    await fio.socket.end(undefined)
    await until('away', async () => (await whatsapp.sessions({}))[0]?.online === false)
    const { ids } = await whatsapp.flood({ from: [ANA, BIA], to: SHOP, count: 20, text: 'late' })
    fio.connect()
    await fio.open()
    await until('all', () => textsOf(ids).length === 20)
    const expected = Array.from({ length: 20 }, (_, n) => `late ${n}`)
    expect(new Set(textsOf(ids))).toEqual(new Set(expected))
    const ofOne = textsOf(ids.filter((_, n) => n % 2 === 0))
    expect(ofOne).toEqual(expected.filter((_, n) => n % 2 === 0))
  })

  test('a delivery that is made twice is opened once, and the second refused', async () => {
    await whatsapp.misbehave({ account: SHOP, duplicate: 1 })
    const { id } = await say('twice')
    await until('the refusal', async () =>
      (await whatsapp.acksFrom({ account: SHOP })).some(a => a.id === id && a.error),
    )
    expect(textsOf([id])).toEqual(['twice'])
  })

  test('a message that a phone encrypts anew arrives a second time', async () => {
    const { id } = await say('anew')
    await arrived(fio, id)
    await whatsapp.repeat({ from: ANA, to: SHOP, id })
    await until('it again', () => textsOf([id]).length === 2)
  })

  test('held back deliveries come last one first', async () => {
    await whatsapp.misbehave({ account: SHOP, reorder: 3 })
    const ids = [(await say('a')).id, (await say('b')).id, (await say('c')).id]
    await until('all three', () => textsOf(ids).length === 3)
    expect(textsOf(ids)).toEqual(['c', 'b', 'a'])
  })

  test('what cannot be opened is asked for again, and then can', async () => {
    const { id } = await say('at last', { undecryptable: true })
    await arrived(fio, id)
    expect(textsOf([id])).toEqual(['at last'])
    expect(
      (await whatsapp.receiptsFrom({ account: SHOP })).some(r => r.type === 'retry' && r.ids.includes(id)),
    ).toBe(true)
  })
})

describe('on the way from the client', () => {
  test('an acknowledgement is lost though the message went through', async () => {
    const acks: string[] = []
    fio.socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: { id: string } }) => acks.push(attrs.id))
    await whatsapp.misbehave({ account: SHOP, loseAcks: 1 })
    const { lid } = await whatsapp.person({ number: ANA })
    const lost = await fio.socket.sendMessage(lid, { text: 'unheard' })
    const next = await fio.socket.sendMessage(lid, { text: 'heard' })
    await until('the next', () => acks.includes(next?.key.id ?? ''))
    expect(acks).not.toContain(lost?.key.id)
    expect((await whatsapp.sentTo({ number: ANA })).map(m => m.text)).toContain('unheard')
  })

  test('a message is refused with a code', async () => {
    await whatsapp.misbehave({ account: SHOP, refuse: { times: 1, code: 479 } })
    const { lid } = await whatsapp.person({ number: ANA })
    const sent = await fio.socket.sendMessage(lid, { text: 'refused' })
    const ours = () => [
      ...fio.messages.map(m => ({ key: m.message.key, said: m.message.messageStubParameters })),
      ...fio.updates.map(u => ({ key: u.key, said: u.update.messageStubParameters })),
    ]
    await until('the error', () => ours().some(one => one.key.id === sent?.key.id && one.said?.[0] === '479'))
    expect((await whatsapp.sentTo({ number: ANA })).map(m => m.text)).not.toContain('refused')
  })

  test('a phone asks for a message again, and gets it', async () => {
    const { lid } = await whatsapp.person({ number: ANA })
    const sent = await fio.socket.sendMessage(lid, { text: 'again, please' })
    const id = sent?.key.id ?? ''
    await until('it', async () => (await whatsapp.sentTo({ number: ANA })).some(m => m.id === id))
    await whatsapp.askAgain({ by: ANA, id })
    await until(
      'it again',
      async () => (await whatsapp.sentTo({ number: ANA })).find(m => m.id === id)?.arrivals === 2,
    )
  })
})
