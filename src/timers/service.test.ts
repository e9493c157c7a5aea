import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { RecordedEvent, RecordedOf } from '../events/all.ts'
import { timerIdOf } from '../events/timer.ts'
import { step } from '../projections/define.ts'
import type { DueTimer } from '../projections/read-models.ts'
import { timerRow, type TimerRow } from '../projections/timer-row.ts'
import { silentLog } from '../shared/log.ts'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { commandFor, TIMER_RULES } from './rules.ts'
import { createTimers, type Timers } from './service.ts'

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

const NOWHERE = { ticket: undefined, conversation: undefined }

/** The table of timers as the read models make it of these facts. */
const tableOf = (facts: readonly RecordedEvent[]): Map<string, TimerRow> => {
  const rows = new Map<string, TimerRow>()
  for (const fact of facts) {
    const key = timerRow.keyOf(fact)
    if (!key) continue
    const row = step(timerRow, rows.get(key), fact, NOWHERE)
    if (row) rows.set(key, row)
    else rows.delete(key)
  }
  return rows
}

const dueIn = (rows: Iterable<TimerRow>, now: string): DueTimer[] =>
  [...rows]
    .filter(row => row.due_at <= now)
    .map(row => ({
      companyId: row.company_id,
      kind: row.kind,
      actorId: row.actor_id,
      timerId: row.timer_id,
      dueAt: row.due_at,
    }))

/** A ticket with an agent, and a timer service over a table that is as far behind the log as the test says. */
const scene = async () => {
  const engine = await openEngine()
  engines.push(engine)
  const place = await engine.found()
  let node = engine.node()
  const write = (name: string) =>
    node.intake.take(engine.companyId, place.sessionId, [text(name, [phone('5511987654321')])])
  await write('m0')
  const ticketId = (await engine.facts('ticket-'))[0]!.stream.split('.')[1]!
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
  engine.online.add(place.ana.userId)
  let behind = 0
  /** Moves past the pause between two rings for the same timer. */
  let later = 0
  const timersOn = (of: Node): Timers =>
    createTimers({
      door: of.door,
      caughtUp: () => Promise.resolve(),
      dueTimers: async now => {
        const facts = await engine.facts('ticket-')
        return dueIn(tableOf(facts.slice(0, facts.length - behind)).values(), now)
      },
      clock: { ...engine.clock, monotonic: () => performance.now() + later },
      log: silentLog,
    })
  let timers = timersOn(node)
  return {
    engine,
    place,
    ticketId,
    write,
    node: () => node,
    look: () => {
      later += 10_000
      return timers.look()
    },
    lag: (facts: number) => (behind = facts),
    /** What was in memory is gone; the log is not. */
    restart: () => {
      node = engine.node(`node-${later}`)
      timers = timersOn(node)
    },
    other: () => timersOn(engine.node('other')),
    inMinutes: (minutes: number) => new Date(engine.clock.now() + minutes * 60_000).toISOString(),
    ask: (command: string, more: object = {}) => node.ask(place.ana, command, { id: ticketId, ...more }),
    woken: async () =>
      (await engine.facts('ticket-')).filter(
        (fact): fact is RecordedOf<'ticket.woken'> => fact.type === 'ticket.woken',
      ),
  }
}

describe('a timer', () => {
  test('that was missed while the server was down is fired after its start', async () => {
    const s = await scene()
    await s.ask('ticket.snooze', { until: s.inMinutes(60) })
    expect(await s.look()).toBe(0)
    s.engine.clock.move(60 * 24 * 3)
    s.restart()
    expect(await s.look()).toBe(1)
    expect(await s.look()).toBe(0)
    expect((await s.woken()).map(fact => fact.data.by)).toEqual(['timer'])
  })

  test('two processes ring for at once fires once', async () => {
    const s = await scene()
    await s.ask('ticket.snooze', { until: s.inMinutes(1) })
    s.engine.clock.move(2)
    const other = s.other()
    await Promise.all([s.look(), other.look(), s.look(), other.look()])
    expect(await s.woken()).toHaveLength(1)
  })

  test('that the table still shows although it is over is rung for in vain', async () => {
    const s = await scene()
    await s.ask('ticket.snooze', { until: s.inMinutes(1) })
    await s.ask('ticket.wake')
    s.lag(1)
    s.engine.clock.move(2)
    expect(await s.look()).toBe(0)
    expect((await s.woken()).map(fact => fact.data.by)).toEqual(['user'])
  })

  test('of a clock that jumped ahead and came back is rung for again when it is due', async () => {
    const s = await scene()
    await s.ask('ticket.snooze', { until: s.inMinutes(60) })
    // The timers' process sees another time than the one that decides.
    const ahead = createTimers({
      door: s.node().door,
      caughtUp: () => Promise.resolve(),
      dueTimers: async () => dueIn(tableOf(await s.engine.facts('ticket-')).values(), '9999'),
      clock: s.engine.clock,
      log: silentLog,
    })
    expect(await ahead.look()).toBe(0)
    expect(await s.woken()).toEqual([])
    s.engine.clock.move(61)
    expect(await s.look()).toBe(1)
  })

  test('whose actor cannot be asked keeps no other from firing, and is tried again', async () => {
    const s = await scene()
    await s.ask('ticket.snooze', { until: s.inMinutes(1) })
    s.engine.clock.move(2)
    const [due] = dueIn(tableOf(await s.engine.facts('ticket-')).values(), s.inMinutes(0))
    const asked: string[] = []
    const timers = createTimers({
      door: {
        ask: (who, command, input, options) => {
          const { id } = input as { id: string }
          asked.push(id)
          if (id === 'broken') return Promise.reject(new Error('broken'))
          return s.node().door.ask(who, command, input, options)
        },
      },
      caughtUp: () => Promise.resolve(),
      dueTimers: () => Promise.resolve([{ ...due!, actorId: 'broken', timerId: 'broken' }, due!]),
      clock: s.engine.clock,
      log: silentLog,
    })
    expect(await timers.look()).toBe(1)
    expect(asked).toEqual(['broken', s.ticketId])
  })
})

describe('a late one', () => {
  const dueAt = '2026-03-02T12:00:00.000Z'
  const after = (ms: number) => Date.parse(dueAt) + ms
  test('runs, is let go or is put before a person, as its kind says', () => {
    const run = { command: 'x.do', late: { policy: 'run' } } as const
    expect(commandFor(run, dueAt, after(365 * 86_400_000))).toBe('x.do')
    for (const policy of ['skip', 'ask'] as const) {
      const rule = { command: 'x.do', late: { policy, afterMs: 60_000, command: `x.${policy}` } }
      expect(commandFor(rule, dueAt, after(0))).toBe('x.do')
      expect(commandFor(rule, dueAt, after(60_000))).toBe('x.do')
      expect(commandFor(rule, dueAt, after(60_001))).toBe(`x.${policy}`)
    }
  })
  test('a snooze runs however late it is', () => {
    expect(TIMER_RULES['ticket.snooze'].late).toEqual({ policy: 'run' })
  })
})

/** What may befall a snoozed ticket and its timers, in any order. */
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('arm' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ do: fc.constant('time' as const), minutes: fc.integer({ min: -20, max: 100 }) }),
    fc.record({ do: fc.constant('lag' as const), facts: fc.integer({ min: 0, max: 4 }) }),
    fc.constantFrom(
      { do: 'until reply' as const },
      { do: 'look' as const },
      { do: 'look twice at once' as const },
      { do: 'fire any' as const },
      { do: 'wake' as const },
      { do: 'customer' as const },
      { do: 'close and again' as const },
      { do: 'restart' as const },
      { do: 'leave' as const },
      { do: 'come' as const },
    ),
  ),
  { minLength: 5, maxLength: 25 },
)

describe('whatever is armed, fired, cancelled and restarted in whatever order', () => {
  test('each timer takes effect at most once, never disarmed, never early, and none is forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async story => {
        const s = await scene()
        for (const [index, one] of story.entries()) await play(s, one, index)
        await s.ask('ticket.snooze', { until: s.inMinutes(5) })
        s.lag(0)
        s.engine.clock.move(200)
        await s.look()
        judge(s.ticketId, await s.engine.facts('ticket-'))
        await s.engine.close()
        engines.splice(0)
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

type Scene = Awaited<ReturnType<typeof scene>>
type Step = Parameters<Parameters<typeof steps.map>[0]>[0][number]

const play = async (s: Scene, one: Step, index: number): Promise<void> => {
  switch (one.do) {
    case 'arm':
      return void (await s.ask('ticket.snooze', { until: s.inMinutes(one.minutes) }))
    case 'until reply':
      return void (await s.ask('ticket.snooze', { untilReply: true }))
    case 'time':
      return s.engine.clock.move(one.minutes)
    case 'lag':
      return void s.lag(one.facts)
    case 'look':
      return void (await s.look())
    case 'look twice at once':
      return void (await Promise.all([s.look(), s.other().look()]))
    case 'fire any':
      return fireEverything(s)
    case 'wake':
      return void (await s.ask('ticket.wake'))
    case 'customer':
      return s.write(`story-${index}`)
    case 'close and again':
      await s.ask('ticket.close')
      return void (await s.ask('ticket.reopen'))
    case 'restart':
      return s.restart()
    case 'leave':
      return s.engine.online.clear()
    case 'come':
      return void s.engine.online.add(s.place.ana.userId)
  }
}

/** Every timer that ever was, in whatever state it is. */
const fireEverything = async (s: Scene): Promise<void> => {
  for (const fact of await s.engine.facts('ticket-'))
    if (fact.type === 'ticket.snoozed')
      await s
        .node()
        .ask(
          s.engine.system,
          'ticket.wakeByTimer',
          { id: s.ticketId, timerId: timerIdOf('ticket.snooze', s.ticketId, fact.revision) },
          { causationId: timerIdOf('ticket.snooze', s.ticketId, fact.revision) },
        )
}

const judge = (ticketId: string, facts: readonly RecordedEvent[]): void => {
  let armed: { timerId: string; until: string } | null = null
  const fired: (string | undefined)[] = []
  for (const fact of facts) {
    if (fact.type === 'ticket.snoozed')
      armed =
        fact.data.until === null
          ? null
          : { timerId: timerIdOf('ticket.snooze', ticketId, fact.revision), until: fact.data.until }
    if (fact.type !== 'ticket.woken') continue
    if (fact.data.by === 'timer') {
      expect(fact.meta.causationId).toBe(armed?.timerId)
      expect(fact.meta.at >= (armed?.until ?? '9')).toBe(true)
      fired.push(fact.meta.causationId)
    }
    armed = null
  }
  expect(new Set(fired).size).toBe(fired.length)
  // Time has passed every one of them: what is still armed was forgotten.
  expect(armed).toBeNull()
}
