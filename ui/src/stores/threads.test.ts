import { beforeEach, expect, test, vi } from 'vitest'
import { answerFetch, type Asked } from '../testing/fake-fetch.ts'
import { aMessage } from '../testing/samples.ts'

beforeEach(() => vi.resetModules())

const draft = { key: 'key-1', body: 'Olá!', at: '2026-03-01T12:00:00.000Z' }
const mine = aMessage({
  id: 'sent-1',
  fromMe: true,
  body: 'Olá!',
  ack: 'queued',
  revision: 7,
  sentBy: { kind: 'user', id: 'user-1', name: 'Marina' },
})

const thread = async (
  reply: (asked: Asked) => { status?: number; body?: unknown } | Promise<{ status?: number; body?: unknown }>,
) => {
  const asked = answerFetch(one =>
    one.method === 'POST' ? reply(one) : { body: { items: [], nextCursor: null } },
  )
  const threads = await import('./threads.ts')
  await threads.loadThread('ticket-1')
  return { threads, asked, now: () => threads.threadOf('ticket-1') }
}

test('the bubble is there before the answer and gives way to the message with its id', async () => {
  const { threads, now } = await thread(() => ({
    status: 201,
    body: { id: 'sent-1', revision: 7, position: '7' },
  }))
  const sending = threads.sendReply('ticket-1', draft)
  expect(now()?.drafts).toHaveLength(1)
  await sending
  expect(now()?.drafts).toHaveLength(1)
  threads.applyMessage('ticket-1', mine, 'user-1')
  expect(now()?.drafts).toHaveLength(0)
  expect(now()?.items.map(item => item.id)).toEqual(['sent-1'])
})

test('a push that overtakes the answer does not show the words twice', async () => {
  let release: () => void = () => undefined
  const held = new Promise<void>(resolve => (release = resolve))
  const { threads, now } = await thread(async () => {
    await held
    return { status: 201, body: { id: 'sent-1', revision: 7, position: '7' } }
  })
  const sending = threads.sendReply('ticket-1', draft)
  threads.applyMessage('ticket-1', mine, 'user-1')
  expect([now()?.drafts.length, now()?.items.length]).toEqual([0, 1])
  release()
  await sending
  expect([now()?.drafts.length, now()?.items.length]).toEqual([0, 1])
})

test('trying again after a failure uses the same idempotency key', async () => {
  let tries = 0
  const { threads, asked, now } = await thread(() =>
    ++tries === 1
      ? { status: 503, body: { code: 'busy' } }
      : { status: 201, body: { id: 'sent-1', revision: 7, position: '7' } },
  )
  await threads.sendReply('ticket-1', draft)
  const failed = now()?.drafts[0]
  expect(failed?.error).toBeDefined()
  await threads.sendReply('ticket-1', failed ?? draft)
  const posts = asked.filter(one => one.method === 'POST')
  expect(posts.map(one => one.headers.get('idempotency-key'))).toEqual(['key-1', 'key-1'])
  expect(now()?.drafts[0]?.error).toBeUndefined()
})

test('what is older than the loaded page waits for its page', async () => {
  answerFetch(() => ({ body: { items: [aMessage({ id: 'm50', revision: 50 })], nextCursor: 'more' } }))
  const threads = await import('./threads.ts')
  await threads.loadThread('ticket-1')
  threads.applyMessage('ticket-1', aMessage({ id: 'm3', revision: 3 }), 'user-1')
  expect(threads.threadOf('ticket-1')?.items.map(item => item.id)).toEqual(['m50'])
})

test('loading the newest page again keeps what was read further up, unless something is missing between', async () => {
  const all = Array.from({ length: 120 }, (_, at) => aMessage({ id: `m${at}`, revision: at }))
  let end = 100
  answerFetch(({ query }) => {
    const before = query.get('before')
    const to = before === null ? end : Number(before)
    const from = Math.max(0, to - 50)
    return { body: { items: all.slice(from, to), nextCursor: from > 0 ? String(from) : null } }
  })
  vi.resetModules()
  const threads = await import('./threads.ts')
  await threads.loadThread('ticket-1')
  await threads.loadOlder('ticket-1')
  end = 105
  await threads.loadThread('ticket-1')
  const ids = () => threads.threadOf('ticket-1')?.items.map(item => item.revision)
  expect(ids()).toEqual(all.slice(0, 105).map(item => item.revision))
  expect(threads.threadOf('ticket-1')?.cursor).toBeNull()
  // Sixty came while the line was down: the older ones of them are on no page that was loaded.
  for (let at = all.length; at < 165; at++) all.push(aMessage({ id: `m${at}`, revision: at }))
  end = all.length
  await threads.loadThread('ticket-1')
  expect(ids()).toHaveLength(50)
  expect(threads.threadOf('ticket-1')?.cursor).toBe(String(all.length - 50))
})

test('what stands beside the tickets keeps the place that its time gives it', async () => {
  const { placeMessage } = await import('./threads.ts')
  const at = (minute: string) => `2026-03-01T12:${minute}:00.000Z`
  const past = (id: string, minute: string) =>
    aMessage({ id, ticketId: null, history: true, late: true, revision: 90, timestamp: at(minute) })
  const items = [past('h1', '01'), aMessage({ id: 'm1', revision: 3, timestamp: at('10') }), past('h2', '15')]
  placeMessage(items, aMessage({ id: 'm2', revision: 4, timestamp: at('20') }))
  placeMessage(items, past('h3', '12'))
  expect(items.map(({ id }) => id)).toEqual(['h1', 'm1', 'h3', 'h2', 'm2'])
})

test('a past that comes in is read once for all that is told of it, and not where no thread is', async () => {
  const { threads, asked } = await thread(() => ({}))
  const reads = (): number => asked.filter(({ path }) => path.endsWith('/messages')).length
  expect(reads()).toBe(1)
  vi.useFakeTimers()
  try {
    for (let n = 0; n < 5; n++) threads.readAgain('ticket-1')
    threads.readAgain('ticket-2')
    vi.runAllTimers()
  } finally {
    vi.useRealTimers()
  }
  await vi.waitFor(() => expect(reads()).toBe(2))
  expect(asked.every(({ path }) => !path.includes('ticket-2'))).toBe(true)
})
