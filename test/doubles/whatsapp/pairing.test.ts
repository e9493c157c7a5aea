import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { baileysClient, type BaileysClient } from './baileys-client.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'

const SHOP = '5511900000001'
const ANA = '5511900000002'

let whatsapp: WhatsApp
const clients: BaileysClient[] = []
const client = (): BaileysClient => {
  const made = baileysClient(whatsapp)
  clients.push(made)
  return made
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

describe('pairing by QR', () => {
  test('a client pairs, restarts, logs in, and exchanges encrypted texts with receipts', async () => {
    const fio = client()
    const qr = await until('a QR code', () => fio.qr)
    await whatsapp.scan({ qr, number: SHOP })
    await fio.open()
    expect(fio.creds.me).toMatchObject({ id: `${SHOP}:1@s.whatsapp.net` })
    expect(await whatsapp.sessions({})).toMatchObject([{ account: SHOP, online: true, preKeys: 812 }])

    const { id } = await whatsapp.write({ from: ANA, to: SHOP, content: { kind: 'text', text: 'Olá' } })
    const { message } = await until('the message', () => fio.messages.find(m => m.message.key.id === id))
    const ana = await whatsapp.person({ number: ANA })
    expect(message.key).toMatchObject({ remoteJid: ana.lid, remoteJidAlt: ana.jid, fromMe: false })
    expect(message.message?.conversation).toBe('Olá')

    const sent = await fio.socket.sendMessage(ana.lid, { text: 'Oi Ana!' })
    const [received] = await until('the answer', async () => {
      const all = await whatsapp.sentTo({ number: ANA })
      return all.length > 0 && all
    })
    expect(received).toMatchObject({ id: sent?.key.id, kind: 'text', text: 'Oi Ana!', from: SHOP })
    expect(await whatsapp.copiesAt({ account: SHOP })).toMatchObject([{ text: 'Oi Ana!', chat: ANA }])
    const answerId = sent?.key.id ?? ''
    await until('delivered', () => fio.statusOf(answerId) === 3)
    await whatsapp.receipt({ by: ANA, ids: [answerId], kind: 'read' })
    await until('read', () => fio.statusOf(answerId) === 4)
    await fio.socket.readMessages([message.key])
    await until('our read receipt', async () =>
      (await whatsapp.receiptsFrom({ account: SHOP })).some(r => r.type === 'read' && r.ids.includes(id)),
    )
    expect(await whatsapp.failures({})).toEqual([])
  })
})
