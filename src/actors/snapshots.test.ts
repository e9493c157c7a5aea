import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decode } from '../eventstore/codec.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import { streamName } from '../eventstore/streams.ts'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { openEmbeddedSnapshots } from '../snapshots/embedded.ts'
import type { Snapshots } from '../snapshots/port.ts'
import { ALL_KINDS, legalHistory } from '../../test/support/chart-facts.ts'
import type { History } from '../../test/support/golden-histories.ts'
import { filesIn, readJson } from '../../test/support/golden.ts'
import {
  create,
  openQueueActors,
  rename,
  standingClock,
  type QueueActors,
} from '../../test/support/queue-actors.ts'
import { SNAPSHOT_EVERY_FACTS } from './aggregate.ts'
import { queueKind } from './company/chart.ts'
import type { Kind } from './kind.ts'
import { createLive, type Standing } from './live.ts'
import { machineHash } from './machine-hash.ts'
import { packSnapshot, unpackSnapshot } from './snapshot-format.ts'
import { createSnapshotKeeper, OFFERS_WAITING_MAX, type SnapshotKeeper } from './snapshot-keeper.ts'

const of = (kind: Kind) => ({ stream: 'test', machine: machineHash(kind.chart), epoch: 'e' })
const replay = (kind: Kind, events: readonly StoredEvent[]) => {
  const live = createLive(kind, 'test')
  for (const event of events) live.evolve(event)
  return live
}
/** Revives from a snapshot taken after `at` facts, as kept and read back, and plays the rest. */
const resume = (kind: Kind, events: readonly StoredEvent[], at: number) => {
  const bytes = packSnapshot(of(kind), replay(kind, events.slice(0, at)).standing()())
  const live = createLive(kind, 'test', unpackSnapshot(of(kind), bytes)!)
  for (const event of events.slice(at)) live.evolve(event)
  return live
}
const told = (live: ReturnType<typeof createLive>) => ({
  state: JSON.parse(JSON.stringify(live.snapshot())) as unknown,
  revision: live.revision(),
  hash: live.hash(),
})

describe('replayed from any snapshot, an actor is as replayed from the start', () => {
  test('in every golden history, after every fact', async () => {
    const files = await filesIn('histories')
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const { kind: type, events } = await readJson<History>(file)
      const kind = ALL_KINDS.find(one => one.type === type)!
      const whole = told(replay(kind, events))
      for (let at = 1; at <= events.length; at++) expect(told(resume(kind, events, at))).toEqual(whole)
    }
  })

  test.each(ALL_KINDS.map(kind => ({ kind, name: kind.type })))('in made-up lives of a $name', ({ kind }) => {
    const step = fc.record({ pick: fc.nat({ max: 1000 }), vary: fc.nat({ max: 30 }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.nat(), (steps, where) => {
        const events = legalHistory(kind, steps, createLive(kind, 'test'))
        const at = 1 + (where % events.length)
        expect(told(resume(kind, events, at))).toEqual(told(replay(kind, events)))
      }),
      { numRuns: 25 },
    )
  })
})

test('a context holds nothing of a person: a snapshot is no place where words or names could stay', async () => {
  const textsIn = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(textsIn)
        : []
  let checked = 0
  for (const file of await filesIn('histories')) {
    const { kind: type, events, keys } = await readJson<History>(file)
    const kind = ALL_KINDS.find(one => one.type === type)!
    const get = (_: string, subject: string) =>
      Promise.resolve(keys[subject] === undefined ? null : Buffer.from(keys[subject], 'base64'))
    const kept = packSnapshot(of(kind), replay(kind, events).standing()()).toString('utf8')
    for (const event of events) {
      const { data } = await decode(event, { get })
      const personal = 'personal' in data ? textsIn(data.personal) : []
      for (const words of personal.filter(text => text.length > 1 && text !== 'phone' && text !== 'bsuid')) {
        expect(kept.includes(JSON.stringify(words).slice(1, -1)), `${event.type}: ${words}`).toBe(false)
        checked += 1
      }
    }
  }
  expect(checked).toBeGreaterThan(20)
})

test('bytes that are not those that were written are no snapshot, whatever became of them', () => {
  const events = legalHistory(queueKind, [{ pick: 0, vary: 0 }], createLive(queueKind, 'test'))
  const bytes = packSnapshot(of(queueKind), replay(queueKind, events).standing()())
  expect(unpackSnapshot(of(queueKind), bytes)).toMatchObject({ revision: 0 })
  for (let length = 0; length < bytes.length; length++)
    expect(unpackSnapshot(of(queueKind), bytes.subarray(0, length))).toBeNull()
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = changed[at]! ^ 0x20
    expect(unpackSnapshot(of(queueKind), changed)).toBeNull()
  }
  for (const other of [{ stream: 'other' }, { machine: 'other' }, { epoch: 'other' }])
    expect(unpackSnapshot({ ...of(queueKind), ...other }, bytes)).toBeNull()
})

describe('in the engine', () => {
  let actors: QueueActors
  let snapshots: Snapshots
  beforeEach(async () => {
    actors = await openQueueActors()
    snapshots = await openEmbeddedSnapshots({ folder: join(actors.folder, 'snapshots') })
  })
  afterEach(async () => {
    for (const keeper of keepers.splice(0)) await keeper.settled()
    await actors.close()
  })

  const keepers: SnapshotKeeper[] = []
  const keeperOver = (over: Snapshots, more: Partial<Parameters<typeof createSnapshotKeeper>[0]> = {}) => {
    const epoch = actors.log.epoch
    const keeper = createSnapshotKeeper({
      snapshots: over,
      epoch,
      clock: systemClock,
      log: silentLog,
      ...more,
    })
    keepers.push(keeper)
    return keeper
  }
  /** The store, with the revisions from which streams were read. */
  const watched = (): EventStore & { readonly reads: (number | undefined)[] } => {
    const reads: (number | undefined)[] = []
    return {
      ...actors.log,
      reads,
      readStream: (stream, options) => {
        reads.push(options?.from)
        return actors.log.readStream(stream, options)
      },
    }
  }
  const LONG = SNAPSHOT_EVERY_FACTS + 5
  /** A queue with a history, and a snapshot somewhere in it. */
  const longLived = async (keeper: SnapshotKeeper) => {
    const directory = actors.over(actors.log, { snapshots: keeper })
    const queue = actors.queue()
    await actors.ask(directory, queue, create)
    for (let i = 1; i < LONG; i++) await actors.ask(directory, queue, rename(`${i}`))
    await keeper.settled()
    return { directory, queue }
  }
  /** Revives it in another process and says where it was read from and what it then was. */
  const revive = async (keeper: SnapshotKeeper, queue: ReturnType<QueueActors['queue']>) => {
    const store = watched()
    const directory = actors.over(store, { snapshots: keeper })
    const { state, revision } = await actors.state(directory, queue)
    await expect(actors.ask(directory, queue, rename('goes on'))).resolves.toMatchObject({
      revision: revision + 1,
    })
    return { from: store.reads[0], reads: store.reads.length, revision, state: state.toJSON() }
  }

  test('a long life is written down now and then, and taken up from there', async () => {
    const keeper = keeperOver(snapshots)
    const { queue } = await longLived(keeper)
    const quick = await revive(keeper, queue)
    expect(quick).toMatchObject({ from: SNAPSHOT_EVERY_FACTS - 1, reads: 1, revision: LONG - 1 })
    const whole = await revive(keeperOver({ ...snapshots, get: () => Promise.resolve(null) }), queue)
    expect(whole).toMatchObject({ from: 0, revision: LONG })
  })

  test('who is put to sleep after some facts is written down too, and wakes without reading them again', async () => {
    const keeper = keeperOver(snapshots)
    const store = watched()
    const directory = actors.over(store, { snapshots: keeper }, { bytesMax: 1 })
    const queue = actors.queue()
    await actors.ask(directory, queue, create)
    for (let i = 1; i < 30; i++) await actors.ask(directory, queue, rename(`${i}`))
    await actors.ask(directory, actors.queue(), create)
    await keeper.settled()
    store.reads.length = 0
    expect((await actors.state(directory, queue)).revision).toBe(29)
    expect(store.reads).toEqual([29])
  })

  test('a stop writes down everybody who is awake', async () => {
    const keeper = keeperOver(snapshots)
    const directory = actors.over(actors.log, { snapshots: keeper })
    const queue = actors.queue()
    await actors.ask(directory, queue, create)
    for (let i = 1; i < 30; i++) await actors.ask(directory, queue, rename(`${i}`))
    await directory.retire()
    expect(await revive(keeper, queue)).toMatchObject({ from: 29, revision: 29 })
  })

  const here = (stream: string) => ({
    stream,
    machine: machineHash(queueKind.chart),
    epoch: actors.log.epoch,
  })
  const unpacked = (stream: string, bytes: Buffer): Standing => unpackSnapshot(here(stream), bytes)!
  const packed = (stream: string, standing: Standing): Buffer => packSnapshot(here(stream), standing)
  const spoilt: [string, (bytes: Buffer, stream: string) => Buffer][] = [
    ['cut', bytes => bytes.subarray(0, bytes.length / 2)],
    ['garbage', () => randomBytes(500)],
    ['empty', () => Buffer.alloc(0)],
    [
      'of another history',
      (bytes, stream) => {
        const kept = unpacked(stream, bytes)
        return packed(stream, { ...kept, hash: 'another' })
      },
    ],
    [
      'beyond the log',
      (bytes, stream) => {
        const kept = unpacked(stream, bytes)
        return packed(stream, { ...kept, revision: kept.revision + 1_000 })
      },
    ],
    [
      'no state of this chart, though its checksum is right',
      (bytes, stream) => {
        const kept = unpacked(stream, bytes)
        return packed(stream, { ...kept, state: { status: 'active', value: 'nowhere' } })
      },
    ],
    [
      'a state in which the rest cannot have happened',
      (bytes, stream) => {
        const kept = unpacked(stream, bytes)
        return packed(stream, { ...kept, state: { ...kept.state, value: 'removed' } })
      },
    ],
    [
      'of another machine',
      (bytes, stream) => {
        const older = { stream, machine: 'an older chart', epoch: actors.log.epoch }
        return packSnapshot(older, unpacked(stream, bytes))
      },
    ],
  ]

  test.each(spoilt)('a snapshot that is %s costs a whole replay and nothing else', async (_, spoil) => {
    const keeper = keeperOver(snapshots)
    const { queue } = await longLived(keeper)
    const stream = streamName(queue)
    await snapshots.put(stream, spoil((await snapshots.get(stream))!, stream))
    const { revision, state } = await revive(keeper, queue)
    expect(revision).toBe(LONG - 1)
    expect(state).toMatchObject({ value: 'existing' })
  })

  test('of another epoch it is not read', async () => {
    const { queue } = await longLived(keeperOver(snapshots))
    expect(await revive(keeperOver(snapshots, { epoch: 'ffffffff' }), queue)).toMatchObject({ from: 0 })
  })

  test('a place that fails or does not answer is left in peace, and everything goes on', async () => {
    const clock = standingClock()
    let asked = 0
    const broken: Snapshots = {
      ...snapshots,
      get: () => {
        asked += 1
        return asked === 1 ? Promise.reject(new Error('gone')) : new Promise(() => undefined)
      },
      put: () => Promise.reject(new Error('full')),
    }
    const keeper = keeperOver(broken, { clock })
    expect(await keeper.find(queueKind, 'a')).toBeNull()
    expect(await keeper.find(queueKind, 'a')).toBeNull()
    expect(asked).toBe(1)
    clock.pass(60_000)
    const found = keeper.find(queueKind, 'a')
    clock.pass(1_000)
    expect(await found).toBeNull()
    expect(asked).toBe(2)
    await expect(longLived(keeperOver(broken))).resolves.toBeTruthy()
  })

  test('too many at once are dropped, the newest of one stream is what is written', async () => {
    const outcomes: string[] = []
    const clock = standingClock()
    const keeper = keeperOver(snapshots, { clock, observe: what => void outcomes.push(what) })
    const standing = (revision: number) => () => ({ revision, hash: '', state: {} })
    for (let i = 0; i < OFFERS_WAITING_MAX + 10; i++) keeper.offer(queueKind, `queue-${i}`, standing(0))
    keeper.offer(queueKind, 'queue-0', standing(7))
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => 'dropped'))
    clock.pass(1_000)
    await keeper.settled()
    expect(outcomes.filter(what => what === 'written')).toHaveLength(OFFERS_WAITING_MAX)
    expect(await keeper.find(queueKind, 'queue-0')).toMatchObject({ revision: 7 })
  })

  test('what is forgotten is gone, also when it was just being written or waited to be', async () => {
    const { directory, queue } = await longLived(keeperOver(snapshots))
    await directory.forget(queue)
    expect(await snapshots.get(streamName(queue))).toBeNull()

    let write = (): void => undefined
    const writing = new Promise<void>(resolve => (write = resolve))
    const slow: Snapshots = { ...snapshots, put: async (...put) => writing.then(() => snapshots.put(...put)) }
    const clock = standingClock()
    const keeper = keeperOver(slow, { clock })
    const standing = () => ({ revision: 0, hash: '', state: {} })
    for (const stream of ['queue-a', 'queue-b']) keeper.offer(queueKind, stream, standing)
    clock.pass(1_000)
    const removed = ['queue-a', 'queue-b'].map(stream => keeper.remove(stream))
    write()
    await Promise.all(removed)
    await keeper.settled()
    for (const stream of ['queue-a', 'queue-b']) expect(await snapshots.get(stream)).toBeNull()
  })
})
