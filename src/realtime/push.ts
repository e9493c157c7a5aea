import type { RecordedEvent } from '../events/all.ts'
import type { Committed, PushViews } from '../projections/read-models.ts'
import type { Log } from '../shared/log.ts'
import { collect } from './collect.ts'
import { emissionsFor, type LastRooms } from './emissions.ts'
import { createRing, RING_EMISSIONS_MAX, type Emission, type Ring } from './ring.ts'
import type { Room } from './rooms.ts'

export type PushOptions = {
  readonly views: PushViews
  readonly log: Log
  emit(emission: Emission): void
  /** Everybody has to load everything again. */
  resyncAll(): void
  /** These users' rights changed: their sockets are in other rooms, or gone, when it resolves. */
  rightsChanged(companyId: string, userId: string): Promise<void>
  readonly ringEmissionsMax?: number
}

export type Push = {
  /** Takes what the read models show now. Returns at once; batches that come while one is told are told together. */
  committed(batch: Committed): void
  /** Up to where everything was told. */
  position(): string
  readonly ring: Ring
  /** Since when a user's rights are what they are, if they changed while this process runs. */
  rightsSince(companyId: string, userId: string): string | undefined
  /** Until everything taken so far was told. */
  idle(): Promise<void>
}

/** Tickets whose rooms are remembered; of others, whoever does not see them is told to forget them. */
const LAST_ROOMS_MAX = 50_000
/** Upon these everybody loads everything again: rows that nobody pushed are blank now, or somebody else's. */
const RELOADS: ReadonlySet<string> = new Set([
  'contact.erased',
  'contact.erasureCompleted',
  'contact.unmerged',
])
/** More facts than this waiting to be told: clients are quicker with loading everything again. */
const BACKLOG_FACTS_MAX = 20_000

const createLastRooms = (): LastRooms => {
  const known = new Map<string, readonly Room[]>()
  return {
    get: id => known.get(id),
    set: (id, rooms) => {
      known.delete(id)
      known.set(id, rooms)
      if (known.size > LAST_ROOMS_MAX) known.delete(known.keys().next().value!)
    },
  }
}

/** Tells clients what changed, after it can be read. Rows are loaded once per kind and batch, whoever gets them. */
export const createPush = (options: PushOptions): Push => {
  const ring = createRing(options.ringEmissionsMax ?? RING_EMISSIONS_MAX)
  const last = createLastRooms()
  const rights = new Map<string, string>()
  let facts: RecordedEvent[] = []
  let taken = ''
  let pushed = ''
  let silent = false
  let telling: Promise<void> | null = null

  const tell = async (batch: readonly RecordedEvent[], upTo: string): Promise<void> => {
    const changes = collect(batch)
    // Rights first: nobody is told anything in the name of rights that are gone.
    for (const [key, { position }] of changes.rights) rights.set(key, position)
    await Promise.all(
      [...changes.rights.values()].map(one => options.rightsChanged(one.companyId, one.userId)),
    )
    for (const emission of await emissionsFor(options.views, changes, last, pushed)) {
      ring.add(emission)
      options.emit(emission)
    }
    pushed = upTo
  }

  const giveUp = (upTo: string): void => {
    ring.restart(upTo)
    pushed = upTo
    options.resyncAll()
  }

  const drain = async (): Promise<void> => {
    // Never done within the call that starts it, or it would be taken for still running.
    await Promise.resolve()
    while (facts.length > 0) {
      const [batch, upTo] = [facts, taken]
      facts = []
      try {
        if (batch.length > BACKLOG_FACTS_MAX) giveUp(upTo)
        else await tell(batch, upTo)
        // What is on screens and in the ring of an erased person has no other way out.
        if (batch.some(({ type }) => RELOADS.has(type))) giveUp(upTo)
      } catch (error) {
        options.log.error({ err: error }, 'could not tell clients what changed; they load everything again')
        giveUp(upTo)
      }
    }
    pushed = taken
    telling = null
  }

  return {
    ring,
    position: () => pushed,
    rightsSince: (companyId, userId) => rights.get(`${companyId}/${userId}`),
    idle: () => telling ?? Promise.resolve(),
    committed: batch => {
      // The tables are being made again behind what was told: that is old news.
      const fresh = batch.facts.filter(fact => fact.position > taken)
      if (batch.position < taken) return
      if (batch.silent) {
        if (batch.position === taken) return
        taken = batch.position
        pushed = batch.position
        silent = batch.facts.length > 0
        ring.restart(batch.position)
        return
      }
      if (ring.floor() === null) ring.restart('')
      taken = batch.position
      if (silent || batch.remade) options.resyncAll()
      silent = false
      for (const fact of fresh) facts.push(fact)
      telling ??= drain()
    },
  }
}
