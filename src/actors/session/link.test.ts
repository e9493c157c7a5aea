import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionState, ConnectOptions, OutboundMessage, Provider } from '../../providers/provider.ts'
import { PLAIN_CAPABILITIES } from '../../providers/plain-capabilities.ts'
import type { Clock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { createSessionLink } from './link.ts'
import type { LinkDoor, SessionLink } from './link-door.ts'
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  backoffMs,
  OPEN_WAIT_MS_MAX,
  RECONNECT_ATTEMPTS_MAX,
  STABLE_AFTER_MS,
} from './link-machine.ts'

/** A clock that stands until it is moved; moving runs what became due, in order, with room for promises between. */
const handClock = () => {
  let now = 0
  const timers = new Set<{ at: number; task: () => void }>()
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(ms, task) {
      const timer = { at: now + ms, task }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))
  const move = async (ms: number) => {
    await settle()
    const until = now + ms
    for (;;) {
      const next = [...timers].filter(t => t.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      timers.delete(next)
      now = next.at
      next.task()
      await settle()
    }
    now = until
    await settle()
  }
  return { clock, move, settle, pending: () => timers.size }
}

/** A channel played by the test: every attempt to connect is kept, with its handlers and whether it was closed. */
type Attempt = {
  options: ConnectOptions
  at: number
  closed: boolean
  say(state: ConnectionState): void
  sent: OutboundMessage[]
}
const playedProvider = (now: () => number) => {
  const attempts: Attempt[] = []
  const provider: Provider = {
    kind: 'simulator',
    capabilities: {
      ...PLAIN_CAPABILITIES,
      pairing: ['qr'],
      textLengthMax: 10,
    },
    async connect(options) {
      const attempt: Attempt = {
        options,
        at: now(),
        closed: false,
        say: s => options.handlers.onState(s),
        sent: [],
      }
      attempts.push(attempt)
      return {
        async send(message) {
          attempt.sent.push(message)
          return { outcome: 'sent', providerMessageId: 'p1' }
        },
        markRead: async () => {},
        fetchMedia: async () => ({ mime: 'a/b', bytes: (async function* () {})() }),
        requestPairingCode: async () => {},
        async close() {
          attempt.closed = true
        },
      }
    },
  }
  return { provider, attempts, last: () => attempts.at(-1)! }
}

const message: OutboundMessage = {
  ref: 'r',
  messageId: 'm',
  to: [{ kind: 'phone', value: '5511987654321' }],
  kind: 'text',
  body: 'oi',
}

describe('the session link', () => {
  let time: ReturnType<typeof handClock>
  let channel: ReturnType<typeof playedProvider>
  let told: string[]
  let retries: number[][]
  let door: LinkDoor
  beforeEach(() => {
    time = handClock()
    channel = playedProvider(() => time.clock.now())
    told = []
    retries = []
    door = {
      receive: async () => {},
      onAwaitingScan: async () => void told.push('awaiting-scan'),
      onSyncing: async () => void told.push('syncing'),
      onConnected: async account => void told.push(`connected ${account}`),
      onDisconnected: async reason => void told.push(`disconnected ${reason}`),
      onTerminal: async (end, reason) => void told.push(`${end} ${reason}`),
      onQr: qr => void told.push(`qr ${qr}`),
      onPairingCode: code => void told.push(`code ${code}`),
      onRetry: (attempt, attemptsMax, inMs) => void retries.push([attempt, attemptsMax, inMs]),
      onLeaseLost: () => void told.push('lease lost'),
    }
  })
  const makeLink = (lease?: { held(): boolean; lost: AbortSignal }): SessionLink =>
    createSessionLink({
      provider: channel.provider,
      session: { companyId: 'c', sessionId: 's', settings: {} },
      credentials: {},
      door,
      clock: time.clock,
      random: () => 0,
      log: silentLog,
      ...(lease ? { lease } : {}),
    })
  const started = async (lease?: { held(): boolean; lost: AbortSignal }) => {
    const link = makeLink(lease)
    link.start()
    await time.settle()
    return link
  }

  test('connects, tells it, and sends', async () => {
    const link = await started()
    expect(await link.send(message)).toMatchObject({ outcome: 'refused', retryable: true })
    channel.last().say({ state: 'connected', account: '551' })
    await time.settle()
    expect(link.state()).toBe('connected')
    expect(told).toEqual(['connected 551'])
    expect(await link.send(message)).toEqual({ outcome: 'sent', providerMessageId: 'p1' })
  })

  test('a lost connection is tried again after growing pauses, and a held one starts over', async () => {
    await started()
    const down = async () => {
      channel.last().say({ state: 'closed', reason: 'cut' })
      await time.settle()
    }
    const pauses: number[] = []
    for (let i = 0; i < 11; i += 1) {
      const before = channel.attempts.length
      await down()
      const since = time.clock.now()
      while (channel.attempts.length === before) await time.move(500)
      pauses.push(channel.last().at - since)
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150].map(s => s * 1000))
    channel.last().say({ state: 'connected', account: null })
    await time.move(STABLE_AFTER_MS)
    await down()
    const before = channel.attempts.length
    await time.move(BACKOFF_MS_MIN)
    expect(channel.attempts.length).toBe(before + 1)
  })

  test('a connection that does not hold keeps the longer pause', async () => {
    await started()
    channel.last().say({ state: 'closed', reason: 'cut' })
    await time.move(1_000)
    channel.last().say({ state: 'connected', account: null })
    await time.move(STABLE_AFTER_MS - 1)
    channel.last().say({ state: 'closed', reason: 'cut again' })
    await time.move(1_999)
    expect(channel.attempts).toHaveLength(2)
    await time.move(1)
    expect(channel.attempts).toHaveLength(3)
    expect(told).toEqual(['disconnected cut', 'connected null', 'disconnected cut again'])
  })

  test('an attempt without any word is given up and tried again', async () => {
    const link = await started()
    await time.move(OPEN_WAIT_MS_MAX)
    expect(link.state()).toBe('waiting')
    expect(told).toEqual(['disconnected connect-timeout'])
    expect(channel.attempts[0]?.closed).toBe(true)
    await time.move(BACKOFF_MS_MIN)
    expect(channel.attempts).toHaveLength(2)
  })

  test('each pause is told, with which attempt comes after it, and can be cut short', async () => {
    const link = await started()
    expect(link.retryNow()).toBe(false)
    const down = async () => {
      channel.last().say({ state: 'closed', reason: 'cut' })
      await time.settle()
    }
    await down()
    await time.move(1_000)
    await down()
    expect(retries).toEqual([
      [1, RECONNECT_ATTEMPTS_MAX, 1_000],
      [2, RECONNECT_ATTEMPTS_MAX, 2_000],
    ])
    expect(link.retryNow()).toBe(true)
    await time.settle()
    expect(channel.attempts).toHaveLength(3)
    expect(time.clock.now()).toBe(channel.attempts[1]?.at)
    channel.last().say({ state: 'connected', account: null })
    await time.settle()
    expect(link.state()).toBe('connected')
    expect(told).toEqual(['disconnected cut', 'disconnected cut', 'connected null'])
  })

  test('the retry budget ends it', async () => {
    const link = await started()
    while (link.state() !== 'over') {
      channel.last().say({ state: 'closed', reason: 'cut' })
      await time.move(BACKOFF_MS_MAX)
    }
    expect(channel.attempts).toHaveLength(RECONNECT_ATTEMPTS_MAX + 1)
    expect(told.at(-1)).toBe('failed reconnect-attempts-spent')
    expect(retries.at(-1)?.[0]).toBe(RECONNECT_ATTEMPTS_MAX)
  })

  test.each(['logged-out', 'replaced', 'restricted', 'failed'] as const)(
    '%s is the end until a person starts it',
    async end => {
      const link = await started()
      channel.last().say({ state: 'connected', account: null })
      channel.last().say({ state: end, reason: 'why' })
      await time.move(24 * 3_600_000)
      expect(link.state()).toBe('over')
      expect(told).toEqual(['connected null', `${end} why`])
      expect(channel.attempts).toHaveLength(1)
      expect(time.pending()).toBe(0)
      link.start()
      await time.settle()
      expect(channel.attempts).toHaveLength(2)
    },
  )

  test('after five unread QR codes it stops', async () => {
    const link = await started()
    for (let i = 1; i <= 6; i += 1)
      channel.last().say({ state: 'awaiting-scan', qr: `q${i}`, expiresInMs: 20_000 })
    await time.settle()
    expect(link.state()).toBe('over')
    // Codes are for eyes and come at once, reports come when told: only the order within each matters.
    expect(told.filter(t => t.startsWith('qr'))).toEqual(['qr q1', 'qr q2', 'qr q3', 'qr q4', 'qr q5'])
    expect(told.filter(t => !t.startsWith('qr'))).toEqual(['awaiting-scan', 'stopped qr-unread'])
    expect(channel.last().closed).toBe(true)
  })

  test('who asks for a code to type is there: the QR codes are counted anew, and the code is none of them', async () => {
    const link = await started()
    const shows = (qr: string) => channel.last().say({ state: 'awaiting-scan', qr, expiresInMs: 20_000 })
    for (let i = 1; i <= 5; i += 1) shows(`q${i}`)
    await time.settle()
    expect(await link.requestPairingCode('5511900000001')).toBe(true)
    channel.last().say({ state: 'awaiting-scan', pairingCode: 'ABCD1234', expiresInMs: 150_000 })
    for (let i = 6; i <= 10; i += 1) shows(`q${i}`)
    await time.settle()
    expect(link.state()).toBe('awaiting-scan')
    shows('q11')
    await time.settle()
    expect(told.at(-1)).toBe('stopped qr-unread')
    expect(told).toContain('code ABCD1234')
  })

  test('what an earlier connection says is not heard', async () => {
    const link = await started()
    const [first] = channel.attempts
    first!.say({ state: 'closed', reason: 'cut' })
    await time.move(BACKOFF_MS_MIN)
    channel.last().say({ state: 'connected', account: null })
    first!.say({ state: 'logged-out', reason: 'late' })
    await time.settle()
    expect(link.state()).toBe('connected')
    await expect(first!.options.handlers.onItems([{ item: 'ignored', kind: 'x' }])).rejects.toThrow('closed')
  })

  test('stopping closes without a report, and forgets the timers', async () => {
    const link = await started()
    channel.last().say({ state: 'closed', reason: 'cut' })
    await link.stop()
    expect(link.state()).toBe('idle')
    expect(time.pending()).toBe(0)
    expect(told).toEqual(['disconnected cut'])
    expect(channel.attempts).toHaveLength(1)
  })

  test('without its lease nothing is written, acknowledged or told', async () => {
    let held = true
    const lost = new AbortController()
    const link = await started({ held: () => held, lost: lost.signal })
    channel.last().say({ state: 'connected', account: null })
    await time.settle()
    door.receive = async () => {
      held = false
    }
    await expect(channel.last().options.handlers.onItems([{ item: 'ignored', kind: 'x' }])).rejects.toThrow(
      'meanwhile',
    )
    expect(channel.last().closed).toBe(true)
    expect(await link.send(message)).toMatchObject({ outcome: 'refused' })
    expect(channel.last().sent).toEqual([])
    expect(told).toEqual(['connected null', 'lease lost'])
    expect(link.state()).toBe('idle')
  })

  test('a lease that is lost closes the connection at once', async () => {
    const lost = new AbortController()
    const link = await started({ held: () => !lost.signal.aborted, lost: lost.signal })
    channel.last().say({ state: 'connected', account: null })
    lost.abort()
    expect(channel.last().closed).toBe(true)
    expect(link.state()).toBe('idle')
    expect(told).toContain('lease lost')
  })

  test('a report that cannot be recorded is tried until it can, in order', async () => {
    let away = 3
    door.onConnected = async account => {
      if (away-- > 0) throw new Error('the store is away')
      told.push(`connected ${account}`)
    }
    await started()
    channel.last().say({ state: 'connected', account: 'a' })
    channel.last().say({ state: 'logged-out', reason: 'gone' })
    await time.move(10_000)
    expect(told).toEqual(['connected a', 'logged-out gone'])
  })

  test('whatever the channel says, at most one connection is open and the state is told by what was said', async () => {
    const word = fc.oneof(
      fc.constantFrom<ConnectionState>(
        { state: 'connecting' },
        { state: 'syncing' },
        { state: 'connected', account: null },
        { state: 'closed', reason: 'cut' },
        { state: 'awaiting-scan', qr: 'q', expiresInMs: 1 },
        { state: 'replaced', reason: 'r' },
      ),
      fc.constantFrom('start' as const, 'stop' as const),
      fc.integer({ min: 1, max: 400_000 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 40 }), async words => {
        time = handClock()
        channel = playedProvider(() => time.clock.now())
        const link = makeLink()
        for (const w of words) {
          if (w === 'start') link.start()
          else if (w === 'stop') void link.stop()
          else if (typeof w === 'number') await time.move(w)
          else channel.attempts.at(-1)?.say(w)
          await time.settle()
          const open = channel.attempts.filter(a => !a.closed)
          expect(open.length).toBeLessThanOrEqual(1)
          const live = ['connecting', 'awaiting-scan', 'syncing', 'connected'].includes(link.state())
          expect(open.length).toBe(live ? 1 : 0)
          if (open[0]) expect(open[0]).toBe(channel.last())
        }
      }),
      { numRuns: 100 },
    )
  })

  test('the pause lies between its bounds for every attempt and every chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const ms = backoffMs(attempt, random)
          expect(ms).toBeGreaterThanOrEqual(BACKOFF_MS_MIN)
          expect(ms).toBeLessThanOrEqual(BACKOFF_MS_MAX)
        },
      ),
    )
  })
})
