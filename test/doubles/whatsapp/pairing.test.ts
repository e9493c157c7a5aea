import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { baileysClient, type BaileysClient } from './baileys-client.ts'
import { ANA, arrived, linked, SHOP } from './linked.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'

let whatsapp: WhatsApp
const clients: BaileysClient[] = []
const keep = (client: BaileysClient): BaileysClient => {
  clients.push(client)
  return client
}

beforeAll(async () => {
  whatsapp = await startWhatsApp()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map(one => one.end()))
})
afterAll(async () => {
  await whatsapp.close()
})

describe('pairing', () => {
  test('a client pairs by QR, restarts, logs in, and exchanges encrypted texts with receipts', async () => {
    const fio = keep(await linked(whatsapp))
    expect(fio.creds.me).toMatchObject({ id: `${SHOP}:1@s.whatsapp.net` })
    expect(await whatsapp.sessions({})).toMatchObject([{ account: SHOP, online: true, preKeys: 812 }])

    const { id } = await whatsapp.write({ from: ANA, to: SHOP, content: { kind: 'text', text: 'Olá' } })
    const { message } = await arrived(fio, id)
    const ana = await whatsapp.person({ number: ANA })
    expect(message.key).toMatchObject({ remoteJid: ana.lid, remoteJidAlt: ana.jid, fromMe: false })
    expect(message.message?.conversation).toBe('Olá')

    const sent = await fio.socket.sendMessage(ana.lid, { text: 'Oi Ana!' })
    const answerId = sent?.key.id ?? ''
    const received = await until('the answer', async () => (await whatsapp.sentTo({ number: ANA }))[0])
    expect(received).toMatchObject({ id: answerId, kind: 'text', text: 'Oi Ana!', from: SHOP, arrivals: 1 })
    expect(await whatsapp.copiesAt({ account: SHOP })).toMatchObject([{ text: 'Oi Ana!', chat: ANA }])
    await until('delivered', () => fio.statusOf(answerId) === 3)
    await whatsapp.receipt({ by: ANA, ids: [answerId], kind: 'read' })
    await until('read', () => fio.statusOf(answerId) === 4)
    await fio.socket.readMessages([message.key])
    await until('our read receipt', async () =>
      (await whatsapp.receiptsFrom({ account: SHOP })).some(r => r.type === 'read' && r.ids.includes(id)),
    )
    expect(await whatsapp.failures({})).toEqual([])
  })

  test('a client pairs by a code that is typed on the phone; a wrong code is noticed', async () => {
    const number = '5511900000021'
    const fio = keep(baileysClient(whatsapp))
    await until('a QR code', () => fio.qr)
    const code = await fio.socket.requestPairingCode(number)
    await until('the wait for a code', async () =>
      (await whatsapp.codesWaiting({})).some(one => one.number === number),
    )
    await expect(whatsapp.enterCode({ code: 'WRNGCDXX', number })).rejects.toThrow(
      'the pairing code is wrong',
    )
    const session = await whatsapp.enterCode({ code, number })
    expect(session.account).toBe(number)
    await fio.open()
    const { id } = await whatsapp.write({ from: ANA, to: number, content: { kind: 'text', text: 'By code' } })
    expect((await arrived(fio, id)).message.message?.conversation).toBe('By code')
  })

  test('a QR code that nobody shows any more is refused', async () => {
    await expect(whatsapp.scan({ qr: '2@old,a,b,c', number: SHOP })).rejects.toThrow('not valid')
  })
})
