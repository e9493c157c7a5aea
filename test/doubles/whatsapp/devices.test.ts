import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { BaileysClient } from './baileys-client.ts'
import { ANA, arrived, linked, SHOP } from './linked.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'

let whatsapp: WhatsApp
let first: BaileysClient
let second: BaileysClient
beforeAll(async () => {
  whatsapp = await startWhatsApp({ quickPairing: true })
  first = await linked(whatsapp)
  second = await linked(whatsapp)
})
afterAll(async () => {
  await Promise.all([first.end(), second.end()])
  await whatsapp.close()
})

test('two devices of one account both hear the customer, and each what the other answers', async () => {
  const { id } = await whatsapp.write({ from: ANA, to: SHOP, content: { kind: 'text', text: 'Hi' } })
  await Promise.all([arrived(first, id), arrived(second, id)])
  const { lid } = await whatsapp.person({ number: ANA })
  const sent = await first.socket.sendMessage(lid, { text: 'from the first' })
  const { message } = await arrived(second, sent?.key.id ?? '')
  expect(message.key).toMatchObject({ fromMe: true, remoteJid: lid })
  expect(message.message?.extendedTextMessage?.text).toBe('from the first')

  await whatsapp.receipt({ by: ANA, ids: [sent?.key.id ?? ''], kind: 'played' })
  await until('played', () => first.statusOf(sent?.key.id ?? '') === 5)
  await whatsapp.readOnPhone({ account: SHOP, chat: ANA, ids: [id] })
  await until('read elsewhere', () =>
    [first, second].every(one => one.updates.some(u => u.key.id === id && u.update.status === 4)),
  )
})

test('an upload that fails leaves nothing on the phone, and the next one works', async () => {
  const { lid } = await whatsapp.person({ number: ANA })
  const document = { document: Buffer.from('bill'), mimetype: 'application/pdf', fileName: 'bill.pdf' }
  await whatsapp.failMedia({ times: 1 })
  await expect(first.socket.sendMessage(lid, document)).rejects.toThrow('upload failed')
  await first.socket.sendMessage(lid, document)
  const got = await until('the bill', async () => {
    const bills = (await whatsapp.sentTo({ number: ANA })).filter(one => one.kind === 'document')
    return bills.length > 0 && bills
  })
  expect(got.map(one => String(one.media?.bytes))).toEqual(['bill'])
})

test('late deliveries keep their order', async () => {
  await whatsapp.misbehave({ account: SHOP, delayMs: 200 })
  const { ids } = await whatsapp.flood({ from: [ANA], to: SHOP, count: 5, text: 'slow' })
  expect(first.messages.some(m => ids.includes(m.message.key.id ?? ''))).toBe(false)
  const came = () =>
    first.messages.filter(m => ids.includes(m.message.key.id ?? '')).map(m => m.message.key.id)
  await until('all', () => came().length === 5)
  expect(came()).toEqual(ids)
})
