import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('members write in a group under their sender keys, and read what the client writes there', async () => {
  const { jid } = await whatsapp.group({ subject: 'Orders', members: [ANA, BIA, SHOP] })
  const ana = await whatsapp.person({ number: ANA, name: 'Ana' })
  const said = async (from: string, text: string) => {
    const { id } = await whatsapp.write({ from, to: jid, content: { kind: 'text', text } })
    return (await arrived(fio, id)).message
  }
  const first = await said(ANA, 'with the key')
  expect(first.key).toMatchObject({
    remoteJid: jid,
    participant: ana.lid,
    participantAlt: ana.jid,
    fromMe: false,
  })
  expect(first.message?.conversation).toBe('with the key')
  expect((await said(ANA, 'under the same key')).message?.conversation).toBe('under the same key')
  expect((await said(BIA, 'by another')).message?.conversation).toBe('by another')

  const metadata = await fio.socket.groupMetadata(jid)
  expect(metadata).toMatchObject({ subject: 'Orders', participants: { length: 3 } })

  for (const text of ['to both', 'to both again']) {
    const sent = await fio.socket.sendMessage(jid, { text })
    for (const number of [ANA, BIA]) {
      const got = await until(`${text} at ${number}`, async () =>
        (await whatsapp.sentTo({ number, group: jid })).find(one => one.id === sent?.key.id),
      )
      expect(got).toMatchObject({ text, chat: jid, arrivals: 1 })
    }
    const id = sent?.key.id ?? ''
    await whatsapp.receipt({ by: BIA, ids: [id], kind: 'read' })
    const { lid } = await whatsapp.person({ number: BIA })
    expect(await until(`that ${text} was read`, () => fio.readersOf(id)[0])).toBe(lid)
    expect(fio.readersOf(id)).toEqual([lid])
  }
  expect(await whatsapp.failures({})).toEqual([])
})
