import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import type { SealedFact } from '../eventstore/codec.ts'
import { silentLog } from '../shared/log.ts'
import { returnTickets } from './return-tickets.ts'
import { createReactions, HeldUp, type Checkpoints, type Reaction } from './runner.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
const stops: AbortController[] = []

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort()
  await engine.close()
})

const memory = (): Checkpoints & { kept: Map<string, string> } => {
  const kept = new Map<string, string>()
  return {
    kept,
    read: name => Promise.resolve(kept.get(name) ?? null),
    write: (name, last, position) => {
      const mine = (kept.get(name) ?? null) === last
      if (mine) kept.set(name, position)
      return Promise.resolve(mine)
    },
  }
}

const start = (reactions: readonly Reaction[], checkpoints?: Checkpoints): Promise<void> => {
  const stop = new AbortController()
  stops.push(stop)
  return createReactions({
    name: 'test',
    store: engine.store,
    reactions,
    ...(checkpoints ? { checkpoints } : {}),
    clock: engine.clock,
    log: silentLog,
  }).run(stop.signal)
}

const collecting = (types: Reaction['types'], seen: SealedFact[], fail = 0): Reaction => {
  let left = fail
  return {
    name: 'collect',
    types,
    react: (_, fact) => {
      if (left-- > 0) return Promise.reject(new Error('not yet'))
      seen.push(fact)
      return Promise.resolve()
    },
  }
}
const inbound = (id: string) =>
  node.intake.take(engine.companyId, place.sessionId, [text(id, [phone('5511987654321')])])

describe('reactions follow the log', () => {
  test('from its start, in order, only the facts that they named', async () => {
    const seen: SealedFact[] = []
    void start([collecting(['message.received'], seen)], memory())
    for (const id of ['a', 'b', 'c']) await inbound(id)
    await vi.waitFor(() => expect(seen).toHaveLength(3))
    expect(seen.map(fact => fact.type)).toEqual(['message.received', 'message.received', 'message.received'])
    expect(seen.map(fact => fact.revision)).toEqual([1, 2, 3])
  })

  test('without a checkpoint only what comes from now on', async () => {
    await inbound('before')
    const seen: SealedFact[] = []
    void start([collecting(['message.received'], seen)])
    await vi.waitFor(async () => {
      await inbound(`after-${seen.length}-${Math.random()}`)
      expect(seen.length).toBeGreaterThan(0)
    })
    expect(seen.every(fact => fact.revision > 1)).toBe(true)
  })

  test('one that fails is tried again, and nothing behind it is skipped', async () => {
    const seen: SealedFact[] = []
    void start([collecting(['message.received'], seen, 1)], memory())
    await inbound('a')
    await inbound('b')
    await vi.waitFor(() => expect(seen.map(fact => fact.revision)).toEqual([1, 2]), { timeout: 5_000 })
  })

  test('one that waits for a broken actor keeps nobody else waiting, and is done once that is repaired', async () => {
    const seen: number[] = []
    let repaired = false
    const reaction: Reaction = {
      name: 'held',
      types: ['message.received'],
      react: async (_, { revision }) => {
        if (revision === 1 && !repaired) throw new HeldUp('a ticket is in quarantine')
        seen.push(revision)
      },
    }
    const hasty = { ...engine.clock, after: (_: number, task: () => void) => engine.clock.after(0, task) }
    const checkpoints = memory()
    const [first, second] = [new AbortController(), new AbortController()]
    stops.push(first, second)
    const follow = (stop: AbortController): Promise<void> =>
      createReactions({
        name: 'test',
        store: engine.store,
        reactions: [reaction],
        checkpoints,
        clock: { ...hasty, monotonic: () => engine.clock.monotonic() * 10_000 },
        log: silentLog,
      }).run(stop.signal)
    const following = follow(first)
    await inbound('a')
    await inbound('b')
    await inbound('c')
    await vi.waitFor(() => expect(seen).toEqual([2, 3]))
    // Whoever comes after a crash begins before it.
    first.abort()
    await following
    const last = (await engine.facts('ticket-')).find(fact => fact.type === 'message.received')!
    expect((checkpoints.kept.get('test') ?? '') < last.position).toBe(true)
    seen.length = 0
    void follow(second)
    await vi.waitFor(() => expect(seen).toEqual([2, 3]))
    repaired = true
    await vi.waitFor(() => expect(seen).toEqual([2, 3, 1]))
    await inbound('d')
    await vi.waitFor(() => expect((checkpoints.kept.get('test') ?? '') > last.position).toBe(true))
    expect(seen).toEqual([2, 3, 1, 4])
  })

  test('a checkpoint of another log is not gone on from', async () => {
    const checkpoints = memory()
    checkpoints.kept.set('test', 'ffffffff00000000000000990000000000000099')
    await inbound('a')
    const seen: SealedFact[] = []
    void start([collecting(['message.received'], seen)], checkpoints)
    await vi.waitFor(() => expect(seen).toHaveLength(1))
  })
})

describe('one that was paused for longer than its lease', () => {
  test('does not take back the checkpoint of who follows now', async () => {
    const checkpoints = memory()
    const seen: SealedFact[] = []
    let wake: () => void = () => undefined
    const asleep = new Promise<void>(resolve => (wake = resolve))
    let reached = false
    const sleeper: Reaction = {
      name: 'sleeper',
      types: ['message.received'],
      react: async () => {
        reached = true
        await asleep
      },
    }
    await inbound('a')
    void start([sleeper], checkpoints)
    await vi.waitFor(() => expect(reached).toBe(true))
    void start([collecting(['message.received'], seen)], checkpoints)
    await vi.waitFor(
      async () => {
        await inbound(`b-${Math.random()}`)
        expect(checkpoints.kept.get('test')).toBeDefined()
      },
      { timeout: 20_000, interval: 300 },
    )
    const kept = checkpoints.kept.get('test')!
    stops[1]!.abort()
    const tried = vi.spyOn(checkpoints, 'write')
    wake()
    // Its first word is refused; then it reads where the other was and goes on from there.
    await vi.waitFor(() => expect(tried).toHaveBeenCalled(), { timeout: 20_000 })
    expect(await tried.mock.results[0]!.value).toBe(false)
    expect(checkpoints.kept.get('test')! >= kept).toBe(true)
  })
})

describe('somebody who is taken out of service', () => {
  const leaver = async () => {
    const { id } = await node.done(place.admin, 'user.create', {
      name: 'Lia',
      email: 'lia@example.com',
      password: 'a long password',
      role: 'agent',
      queueIds: [place.queueId],
    })
    return { ...place.ana, userId: id as typeof place.ana.userId }
  }
  const openTicket = async (who: typeof place.ana): Promise<string> => {
    await inbound('a')
    const ticketId = (await engine.facts('ticket-'))[0]!.stream.split('.')[1]!
    await node.done(who, 'ticket.accept', { id: ticketId })
    return ticketId
  }
  const react = (userId: string, ticketId: string) =>
    returnTickets({
      door: node.door,
      directory: node.directory,
      waitFor: position => Promise.resolve({ position, stale: false }),
      openTicketsOf: (_, owner) => Promise.resolve(owner === userId ? [ticketId] : []),
    }).react({ company: engine.companyId, type: 'user', id: userId }, {
      id: ticketId,
      position: 'p',
      type: 'user.deactivated',
    } as SealedFact)
  const returned = async () =>
    (await engine.facts('ticket-')).filter(({ type }) => type === 'ticket.returned')

  test('leaves no open ticket behind', async () => {
    const lia = await leaver()
    const ticketId = await openTicket(lia)
    await node.done(place.admin, 'user.deactivate', { id: lia.userId })
    await react(lia.userId, ticketId)
    await react(lia.userId, ticketId)
    expect(await returned()).toHaveLength(1)
    expect((await returned())[0]).toMatchObject({
      meta: { rule: 'user-deactivated', actor: { kind: 'system' } },
    })
  })

  test('keeps the tickets when back since, although the old story is read again', async () => {
    const lia = await leaver()
    await node.done(place.admin, 'user.deactivate', { id: lia.userId })
    await node.done(place.admin, 'user.reactivate', { id: lia.userId })
    await react(lia.userId, await openTicket(lia))
    expect(await returned()).toEqual([])
  })
})
