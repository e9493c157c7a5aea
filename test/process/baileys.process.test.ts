import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWhatsAppProcess, type WhatsAppProcess } from '../doubles/whatsapp-process.ts'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'

const ACCOUNT = '5511900000001'
const ANA = '5511987654321'

let whatsapp: WhatsAppProcess
let app: Awaited<ReturnType<typeof startApp>>
beforeAll(async () => {
  whatsapp = await startWhatsAppProcess({ quickPairing: true })
  await whatsapp.person({ number: ANA, name: 'Ana' })
  app = await startApp({
    column: 'embedded',
    env: { NODE_ENV: 'test', WHATSAPP_URL: whatsapp.url, WHATSAPP_ROOT_KEY: whatsapp.rootKey },
  })
})
afterAll(async () => {
  await app.close()
  await whatsapp.stop()
})

test('a number is linked by QR and by code, talks, and outlives kill -9 without another scan; nothing lost, nothing twice', async () => {
  const { api } = app
  const { id: sessionId } = await api.post('/sessions', { name: 'Loja', provider: 'baileys' })
  const statusIs = (status: string) =>
    until(`the session ${status}`, async () => (await api.session(sessionId)).status === status)
  await api.post(`/sessions/${sessionId}/start`)
  type Codes = { qr: string | null; pairingCode: { pairingCode: string } | null }
  const codes = () => api.get<Codes>(`/sessions/${sessionId}/qr`)
  const qr = await until('a QR code', async () => (await codes()).qr)
  await whatsapp.scan({ qr, number: ACCOUNT })
  await statusIs('connected')
  expect((await api.session(sessionId)).account).toBe(ACCOUNT)

  await whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'Oi' } })
  const ticket = await until('the ticket', async () => (await api.ticketsOf(sessionId, 'Ana'))[0])
  await api.post(`/tickets/${ticket.id}/accept`)
  const reply = await api.post(`/tickets/${ticket.id}/messages`, { body: 'Olá Ana!' })
  const ackOf = async (id: string) => (await api.messages(ticket.id)).find(message => message.id === id)?.ack
  await until('delivered', async () => (await ackOf(reply.id)) === 'delivered')
  const [got] = await whatsapp.sentTo({ number: ANA })
  expect(got?.text).toBe('Olá Ana!')
  await whatsapp.receipt({ by: ANA, ids: [got?.id ?? ''], kind: 'read' })
  await until('read', async () => (await ackOf(reply.id)) === 'read')

  // Killed while messages come in.
  const flood = whatsapp.flood({ from: [ANA], to: ACCOUNT, count: 30, text: 'linha' })
  await until('some of them', async () => (await api.messages(ticket.id)).length > 5)
  await app.kill('SIGKILL')
  await flood
  await whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'enquanto fora' } })
  await app.start()
  await statusIs('connected')
  const lines = async () =>
    (await api.messages(ticket.id)).filter(message => !message.fromMe).map(message => message.body)
  await until('all of them', async () => (await lines()).length >= 32)
  expect((await lines()).toSorted()).toEqual(
    ['Oi', 'enquanto fora', ...Array.from({ length: 30 }, (_, n) => `linha ${n}`)].toSorted(),
  )
  const after = await api.post(`/tickets/${ticket.id}/messages`, { body: 'De volta' })
  await until('delivered again', async () => (await ackOf(after.id)) === 'delivered')
  expect(await whatsapp.failures({})).toEqual([])

  // Each word of WhatsApp ends where it should.
  for (const [code, status] of [
    [440, 'replaced'],
    [403, 'restricted'],
    [401, 'logged-out'],
  ] as const) {
    await whatsapp.streamError({ account: ACCOUNT, code })
    await statusIs(status)
    await api.post(`/sessions/${sessionId}/start`)
    await statusIs(code === 401 ? 'awaiting-scan' : 'connected')
  }

  // Logged out, it is linked again: this time by a code.
  await until('a new QR code', async () => (await codes()).qr)
  await api.post(`/sessions/${sessionId}/pairing-code`, { phone: `+${ACCOUNT}` })
  const shown = await until('a pairing code', async () => (await codes()).pairingCode)
  await until('the code at WhatsApp', async () =>
    (await whatsapp.codesWaiting({})).some(({ number }) => number === ACCOUNT),
  )
  await whatsapp.enterCode({ code: shown.pairingCode, number: ACCOUNT })
  await statusIs('connected')
  expect(await codes()).toMatchObject({ qr: null, pairingCode: null })
})
