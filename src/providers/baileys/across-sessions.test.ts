import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BaileysClient } from '../../../test/doubles/whatsapp/baileys-client.ts'
import { ANA, linked } from '../../../test/doubles/whatsapp/linked.ts'
import { startWhatsAppProcess, type WhatsAppProcess } from '../../../test/doubles/whatsapp-process.ts'
import { until } from '../../../test/support/until.ts'
import { acrossSessions } from './across-sessions.ts'

const ACCOUNTS = ['5511900000011', '5511900000012', '5511900000013']
const EACH = 20

let whatsapp: WhatsAppProcess
let clients: BaileysClient[] = []
beforeAll(async () => {
  whatsapp = await startWhatsAppProcess({ quickPairing: true })
  const makeSignalRepository = acrossSessions(DEFAULT_CONNECTION_CONFIG.makeSignalRepository)
  clients = await Promise.all(ACCOUNTS.map(number => linked(whatsapp, number, { makeSignalRepository })))
})
afterAll(async () => {
  await Promise.all(clients.map(client => client.end()))
  await whatsapp.stop()
})

test('a customer who writes to several of our numbers at once is understood by all of them, every time', async () => {
  const { lid } = await whatsapp.person({ number: ANA })
  const floods = ACCOUNTS.map(to => whatsapp.flood({ from: [ANA], to, count: EACH, text: `to ${to}` }))
  const answers = clients.flatMap(client =>
    Array.from({ length: EACH }, (_, n) => client.socket.sendMessage(lid, { text: `answer ${n}` })),
  )
  const written = await Promise.all(floods)
  await Promise.all(answers)
  const opened = (client: BaileysClient) =>
    new Set(
      client.messages.filter(m => !m.message.key.fromMe && m.message.message).map(m => m.message.key.id),
    ).size
  for (const [n, client] of clients.entries()) {
    await until(`all messages to ${ACCOUNTS[n]}`, () => opened(client) === EACH)
    expect(written[n]?.ids).toHaveLength(EACH)
  }
  const arrived = await until('all answers', async () => {
    const all = await whatsapp.sentTo({ number: ANA })
    return all.length === EACH * ACCOUNTS.length && all
  })
  expect(arrived.filter(one => one.arrivals > 1)).toEqual([])
  expect(await whatsapp.failures({})).toEqual([])
  const refused = (await Promise.all(ACCOUNTS.map(account => whatsapp.acksFrom({ account })))).flat()
  expect(refused.filter(ack => ack.error !== null)).toEqual([])
})
