import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWhatsAppProcess, type WhatsAppProcess } from '../doubles/whatsapp-process.ts'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'

/**
 * WhatsApp behaving badly towards a whole server, each way once while it runs and once with a kill -9 in the middle. What was
 * written is kept here, outside of it, chat by chat in the order in which it has to stand there.
 */
const ACCOUNT = '5511900000001'
const CHATS = 20
/** Messages of a flood; `FLOOD=500` for a long one. */
const FLOOD = Number(process.env['FLOOD'] ?? '160')
const TEST_MS_MAX = 420_000
const numbers = Array.from({ length: CHATS }, (_, n) => `55119876500${String(n).padStart(2, '0')}`)
const nameOf = (number: string): string => `Cliente ${number.slice(-2)}`

/** What each message is called by WhatsApp, by its words. */
const idOf = new Map<string, string>()
const ledger = new Map(numbers.map(number => [number, [] as string[]]))
let written = 0
let whatsapp: WhatsAppProcess
let app: Awaited<ReturnType<typeof startApp>>
let sessionId = ''

beforeAll(async () => {
  whatsapp = await startWhatsAppProcess({ quickPairing: true })
  for (const number of numbers) await whatsapp.person({ number, name: nameOf(number) })
  app = await startApp({
    column: 'embedded',
    env: { NODE_ENV: 'test', WHATSAPP_URL: whatsapp.url, WHATSAPP_ROOT_KEY: whatsapp.rootKey },
  })
  const { api } = app
  sessionId = (await api.post('/sessions', { name: 'Loja', provider: 'baileys' })).id
  await api.post(`/sessions/${sessionId}/start`)
  const codes = () => api.get<{ qr: string | null }>(`/sessions/${sessionId}/qr`)
  await whatsapp.scan({ qr: await until('a QR code', async () => (await codes()).qr), number: ACCOUNT })
  await api.connected(sessionId)
})
afterAll(async () => {
  await app.close()
  await whatsapp.stop()
})

/** Somebody writes; the ledger knows it before. */
const write = async (from: string, more: { undecryptable?: boolean } = {}): Promise<string> => {
  const text = `n${written++}`
  ledger.get(from)?.push(text)
  const { id } = await whatsapp.write({ from, to: ACCOUNT, content: { kind: 'text', text }, ...more })
  idOf.set(text, id)
  return id
}
const flood = async (): Promise<void> => {
  const text = `f${written++}`
  for (let n = 0; n < FLOOD; n += 1) ledger.get(numbers[n % CHATS] ?? '')?.push(`${text} ${n}`)
  const { ids } = await whatsapp.flood({ from: numbers, to: ACCOUNT, count: FLOOD, text })
  ids.forEach((id, n) => idOf.set(`${text} ${n}`, id))
}
/** Delivered last one first: that is how they came in, and so how they stand there. */
const turnedRound = (from: string, count: number): void => {
  const lines = ledger.get(from) ?? []
  lines.push(...lines.splice(-count).reverse())
}

const linesOf = async (number: string): Promise<string[]> => {
  const tickets = await app.api.ticketsOf(sessionId, nameOf(number))
  expect(tickets.length).toBeLessThanOrEqual(1)
  return tickets[0] ? (await app.api.messages(tickets[0].id)).map(message => message.body) : []
}
const count = async (): Promise<number> =>
  (await app.api.tickets(`?sessionId=${sessionId}`)).reduce((sum, ticket) => sum + ticket.unreadCount, 0)
const total = (): number => [...ledger.values()].reduce((sum, lines) => sum + lines.length, 0)

/** Words that could not be opened at first, so that a phone had to send them again: they come when they come. */
const sentAgain = async (): Promise<Set<string>> => {
  const receipts = await whatsapp.receiptsFrom({ account: ACCOUNT })
  const asked = new Set(receipts.filter(({ type }) => type === 'retry').flatMap(({ ids }) => ids))
  return new Set([...idOf].filter(([, id]) => asked.has(id)).map(([text]) => text))
}

/** Everything is there, once, in the order of its chat; but for what was sent again that is the order in which it was written. */
const allIsWell = async (): Promise<void> => {
  await until(`${total()} messages`, async () => (await count()) >= total(), 120_000)
  const later = await sentAgain()
  const inOrder = (lines: readonly string[]) => lines.filter(line => !later.has(line))
  for (const [number, lines] of ledger) {
    const found = lines.length > 0 ? await linesOf(number) : []
    expect(found.toSorted(), nameOf(number)).toEqual(lines.toSorted())
    expect(inOrder(found), nameOf(number)).toEqual(inOrder(lines))
  }
  await until('nothing that waits at WhatsApp', async () => (await whatsapp.sessions({}))[0]?.waiting === 0)
}
const again = async (): Promise<void> => {
  await app.start()
  await app.api.connected(sessionId)
}
const [ana = '', bia = '', caio = '', duda = ''] = numbers
const three = [ana, bia, caio]

/** First of all: what is held back is counted by deliveries, and nothing else is on its way yet. */
test('told in another order', { timeout: TEST_MS_MAX }, async () => {
  await whatsapp.misbehave({ account: ACCOUNT, reorder: 6 })
  for (let n = 0; n < 6; n += 1) await write(duda)
  turnedRound(duda, 6)
  await allIsWell()
  // What is held back when the server dies is told anew, and then in order.
  await whatsapp.misbehave({ account: ACCOUNT, reorder: 60 })
  for (let n = 0; n < 6; n += 1) await write(duda)
  await app.kill('SIGKILL')
  await whatsapp.behave({ account: ACCOUNT })
  await again()
  await allIsWell()
})

test('lost on the line', { timeout: TEST_MS_MAX }, async () => {
  await write(ana)
  for (const kill of [false, true]) {
    await whatsapp.misbehave({ account: ACCOUNT, drop: 9 })
    for (let n = 0; n < 9; n += 1) await write(three[n % 3] ?? '')
    if (kill) {
      await app.kill('SIGKILL')
      await again()
    } else await whatsapp.cut({ account: ACCOUNT })
    await allIsWell()
  }
})

test('told twice', { timeout: TEST_MS_MAX }, async () => {
  for (const kill of [false, true]) {
    await whatsapp.misbehave({ account: ACCOUNT, duplicate: 30 })
    const before = await count()
    for (let n = 0; n < 30; n += 1) await write(three[n % 3] ?? '')
    if (kill) {
      await until('some of them', async () => (await count()) > before)
      await app.kill('SIGKILL')
      await again()
      // Encrypted anew under its old id, as by a phone that believes it was lost.
      const id = await write(bia)
      await whatsapp.repeat({ from: bia, to: ACCOUNT, id })
    }
    await allIsWell()
  }
})

test('told late', { timeout: TEST_MS_MAX }, async () => {
  for (const kill of [false, true]) {
    await whatsapp.misbehave({ account: ACCOUNT, delayMs: 400 })
    const before = await count()
    for (let n = 0; n < 12; n += 1) await write(three[n % 3] ?? '')
    if (kill) {
      await until('the first of them', async () => (await count()) > before)
      await app.kill('SIGKILL')
      await again()
    }
    await allIsWell()
    await whatsapp.behave({ account: ACCOUNT })
  }
})

test(
  'sealed so that it cannot be opened, and sealed well when asked for again',
  { timeout: TEST_MS_MAX },
  async () => {
    for (const kill of [false, true]) {
      await Promise.all(numbers.slice(0, 6).map(number => write(number, { undecryptable: true })))
      if (kill) {
        await app.kill('SIGKILL')
        await again()
      }
      await allIsWell()
    }
  },
)

test('sealed well only after it was shown as what cannot be opened', { timeout: TEST_MS_MAX }, async () => {
  await whatsapp.misbehave({ account: ACCOUNT, loseRetries: 1_000 })
  const id = await write(duda, { undecryptable: true })
  const ticket = (await app.api.ticketsOf(sessionId, nameOf(duda)))[0]?.id ?? ''
  const kinds = async () => (await app.api.messages(ticket)).map(({ kind }) => kind)
  await until('the placeholder', async () => (await kinds()).includes('undecryptable'))
  // Shown, and then killed: what is shown is known by the next process too.
  await app.kill('SIGKILL')
  await whatsapp.behave({ account: ACCOUNT })
  await again()
  await whatsapp.repeat({ from: duda, to: ACCOUNT, id })
  await until('its words', async () => !(await kinds()).includes('undecryptable'))
  await allIsWell()
  const shown = (await app.api.messages(ticket)).at(-1)
  expect(shown).toMatchObject({ kind: 'text', body: ledger.get(duda)?.at(-1) })
  expect(shown).not.toHaveProperty('editedAt')
})

test('a flood over twenty chats', { timeout: TEST_MS_MAX }, async () => {
  await flood()
  await allIsWell()
  const before = await count()
  const flooding = flood()
  await until('a part of them', async () => (await count()) > before + FLOOD / 10)
  await app.kill('SIGKILL')
  await flooding
  await again()
  await allIsWell()
})

test('and in the end nothing is left over', async () => {
  const { api } = app
  expect((await api.tickets(`?sessionId=${sessionId}`)).length).toBe(CHATS)
  expect((await api.get<{ items: unknown[] }>('/dead-letters')).items).toEqual([])
  expect(await whatsapp.failures({})).toEqual([])
  const history = await api.get<{ items: { type: string }[] }>(`/sessions/${sessionId}/history?limit=100`)
  expect(history.items.filter(({ type }) => type === 'session.awaitingScan')).toHaveLength(1)
})
