import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecidedFact, Outcome } from '../../src/actors/aggregate.ts'
import { queueKind } from '../../src/actors/company/chart.ts'
import {
  createDirectory,
  type Directory,
  type DirectoryLimits,
  type DirectoryTools,
} from '../../src/actors/directory.ts'
import type { StateOf } from '../../src/actors/kind.ts'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'
import type { EventStore, StoredEvent } from '../../src/eventstore/port.ts'
import { streamName, type Address } from '../../src/eventstore/streams.ts'
import { systemClock, type Clock } from '../../src/shared/clock.ts'
import { newId, type CompanyId } from '../../src/shared/ids.ts'
import { silentLog } from '../../src/shared/log.ts'
import { testKeys } from './fact-log.ts'

/** A clock that stands still until a test moves it; timers run when their time has come. */
export const standingClock = (): Clock & { pass(ms: number): void; pending(): number } => {
  let now = 1_000_000
  const timers = new Map<object, { readonly at: number; readonly task: () => void }>()
  return {
    now: () => now,
    monotonic: () => now,
    after: (ms, task) => {
      const key = {}
      timers.set(key, { at: now + ms, task })
      return () => void timers.delete(key)
    },
    pass: ms => {
      now += ms
      for (const [key, { at, task }] of timers) if (at <= now && timers.delete(key)) task()
    },
    pending: () => timers.size,
  }
}

export type QueueState = StateOf<typeof queueKind>
export type Refused = { readonly no: string }
export type Decide = (queue: QueueState, at: string) => readonly DecidedFact[] | Refused

export const create: Decide = queue =>
  queue.matches('absent') ? [{ type: 'queue.created', data: { name: 'Sales', color: '#00aa55' } }] : []
export const rename =
  (name: string): Decide =>
  queue =>
    queue.matches('existing') ? [{ type: 'queue.changed', data: { name } }] : { no: 'there is no queue' }

/** The simplest actors there are, over the real store in a folder of its own. */
export const openQueueActors = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-actors-'))
  const log = await openEmbeddedStore({ folder: join(folder, 'events') })
  const stop = new AbortController()
  const company = newId<CompanyId>()
  const keys = testKeys()
  const queue = (id: string = newId()): Address<'queue'> => ({ company, type: 'queue', id })
  return {
    folder,
    log,
    stop,
    company,
    queue,
    over: (
      store: EventStore,
      more: Partial<DirectoryTools> = {},
      limits?: Partial<DirectoryLimits>,
    ): Directory =>
      createDirectory(
        { store, keys, clock: systemClock, log: silentLog, stop: stop.signal, ...more },
        limits,
      ),
    ask: (
      directory: Directory,
      { company: of, id }: Address,
      decide: Decide,
      commandId: string = newId(),
    ): Promise<Outcome<typeof queueKind, Refused>> => {
      const cause = { actor: { kind: 'system' as const, id: 'test' }, commandId, correlationId: 'test' }
      return directory.transact(queueKind, { company: of, id }, { cause, step: 0, decide })
    },
    state: (directory: Directory, { company: of, id }: Address) =>
      directory.state(queueKind, { company: of, id }),
    events: async (address: Address): Promise<StoredEvent[]> => {
      const found: StoredEvent[] = []
      for await (const event of log.readStream(streamName(address))) found.push(event)
      return found
    },
    close: async () => {
      stop.abort()
      await log.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type QueueActors = Awaited<ReturnType<typeof openQueueActors>>
