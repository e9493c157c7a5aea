import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HistoryEntry } from '../../src/realtime/protocol.ts'
import { startWhatsAppProcess, type WhatsAppProcess } from '../doubles/whatsapp-process.ts'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'

/**
 * Every way in which WhatsApp, or the line, ends a session, each on a number of its own on one server: where the session ends,
 * what reason stands there, and whether it comes back by itself, waits for a person, or needs the phone.
 */
type Blow = 'stream' | 'login' | 'cut' | 'silence'
type Case = readonly [blow: Blow, code: number, status: string, reason: string]

const CASES: readonly Case[] = [
  // Comes back by itself.
  ['silence', 408, 'reconnecting', 'connection-lost'],
  ['cut', 428, 'reconnecting', 'connection-closed'],
  ['stream', 428, 'reconnecting', 'connection-closed'],
  ['stream', 429, 'reconnecting', 'too-many-requests'],
  ['stream', 500, 'reconnecting', 'bad-session'],
  ['stream', 503, 'reconnecting', 'service-unavailable'],
  ['stream', 799, 'reconnecting', 'connection-lost'],
  // What is kept is why it was lost; that the first try to come back was refused too only makes the pause longer.
  ['login', 503, 'reconnecting', 'connection-closed'],
  // Waits for a person, and needs no phone.
  ['stream', 403, 'restricted', 'restricted'],
  ['login', 402, 'restricted', 'restricted'],
  ['login', 406, 'restricted', 'restricted'],
  ['login', 405, 'failed', 'client-outdated'],
  ['stream', 411, 'failed', 'multidevice-mismatch'],
  ['stream', 440, 'replaced', 'replaced'],
  // Needs the phone.
  ['stream', 401, 'logged-out', 'logged-out'],
  ['login', 401, 'logged-out', 'logged-out'],
]
const RESTART = 515
const TEST_MS_MAX = 300_000

let whatsapp: WhatsAppProcess
let app: Awaited<ReturnType<typeof startApp>>
beforeAll(async () => {
  whatsapp = await startWhatsAppProcess({ quickPairing: true })
  app = await startApp({
    column: 'embedded',
    env: { NODE_ENV: 'test', WHATSAPP_URL: whatsapp.url, WHATSAPP_ROOT_KEY: whatsapp.rootKey },
  })
})
afterAll(async () => {
  await app.close()
  await whatsapp.stop()
})

/** A number that is linked and connected. */
const linked = async (name: string, account: string) => {
  const { api } = app
  const { id } = await api.post('/sessions', { name, provider: 'baileys' })
  await api.post(`/sessions/${id}/start`)
  const qr = await until(
    `a QR code for ${name}`,
    async () => (await api.get<{ qr: string | null }>(`/sessions/${id}/qr`)).qr,
  )
  await whatsapp.scan({ qr, number: account })
  await api.connected(id)
  const history = async (type: string): Promise<HistoryEntry[]> =>
    (await api.get<{ items: HistoryEntry[] }>(`/sessions/${id}/history?limit=100`)).items.filter(
      entry => entry.type === type,
    )
  const logins = async () =>
    (await whatsapp.sessions({})).find(session => session.account === account)?.logins ?? 0
  return { id, name, account, history, logins, session: () => api.session(id) }
}
type Linked = Awaited<ReturnType<typeof linked>>

const strike = async ({ account }: Linked, blow: Blow, code: number): Promise<void> => {
  switch (blow) {
    case 'silence':
      return whatsapp.misbehave({ account, silent: true })
    case 'cut':
      return whatsapp.cut({ account })
    case 'stream':
      return whatsapp.streamError({ account, code })
    case 'login':
      await whatsapp.misbehave({ account, refuseLogin: { times: 1, code } })
      return whatsapp.cut({ account })
  }
}

/** It was lost for that reason, and is there again without anybody having done anything. */
const comesBack = async (one: Linked, blow: Blow, code: number, reason: string): Promise<void> => {
  const [lost] = await until(`${one.name} to be lost`, async () => {
    const found = await one.history('session.disconnected')
    return found.length > 0 && found
  })
  expect(lost?.data).toEqual({ reason, code: String(blow === 'login' ? 428 : code) })
  await whatsapp.behave({ account: one.account })
  await until(`${one.name} to be back`, async () => (await one.session()).status === 'connected')
  expect(await one.session()).toMatchObject({ status: 'connected', reason: null })
  expect(await one.history('session.awaitingScan')).toHaveLength(1)
  expect(await one.history('session.startRequested')).toHaveLength(1)
  // How long nothing came in is written down.
  expect((await one.history('session.gapRecorded')).length).toBeGreaterThanOrEqual(1)
}

test(
  'every word with which WhatsApp ends a session leads where it should',
  { timeout: TEST_MS_MAX },
  async () => {
    const all: { one: Linked; given: Case }[] = []
    for (const [at, given] of CASES.entries())
      all.push({
        one: await linked(`${given[0]} ${given[1]}`, `55119000010${String(at).padStart(2, '0')}`),
        given,
      })
    const calm = await linked('restart', '5511900001099')

    for (const { one, given } of all) await strike(one, given[0], given[1])
    await whatsapp.streamError({ account: calm.account, code: RESTART })

    const ended = all.filter(({ given }) => given[2] !== 'reconnecting')
    const atTheEnd = new Map<string, number>()
    for (const { one, given } of ended) {
      const [, , status, reason] = given
      await until(`${one.name} ${status}`, async () => (await one.session()).status === status)
      expect(await one.session()).toMatchObject({ status, reason })
      atTheEnd.set(one.id, await one.logins())
    }
    await Promise.all(
      all
        .filter(({ given }) => given[2] === 'reconnecting')
        .map(({ one, given }) => comesBack(one, given[0], given[1], given[3])),
    )

    // What WhatsApp asks for itself is nobody's business: not even an interruption.
    await until('another login', async () => (await calm.logins()) === 2)
    expect(await calm.session()).toMatchObject({ status: 'connected', reason: null })
    expect(await calm.history('session.disconnected')).toEqual([])

    // In all that time, none of those that ended tried again by itself.
    for (const { one, given } of ended) {
      expect(await one.session()).toMatchObject({ status: given[2], reason: given[3] })
      expect(await one.logins()).toBe(given[1] === 401 && given[0] === 'stream' ? 0 : atTheEnd.get(one.id))
    }

    // A person starts them again: with the old keys where they are good for something, by the phone where not.
    for (const { one } of ended) await app.api.post(`/sessions/${one.id}/start`)
    for (const { one, given } of ended) {
      const again = given[2] === 'logged-out' ? 'awaiting-scan' : 'connected'
      await until(`${one.name} ${again}`, async () => (await one.session()).status === again)
      expect(await one.history('session.awaitingScan')).toHaveLength(again === 'connected' ? 1 : 2)
    }
  },
)
