import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDirectory } from '../src/actors/directory.ts'
import { createSnapshotKeeper } from '../src/actors/snapshot-keeper.ts'
import { ticketKind } from '../src/actors/ticket/chart.ts'
import { openEmbeddedStore } from '../src/eventstore/embedded.ts'
import { systemClock } from '../src/shared/clock.ts'
import { newId, type CompanyId } from '../src/shared/ids.ts'
import { silentLog } from '../src/shared/log.ts'
import { openEmbeddedSnapshots } from '../src/snapshots/embedded.ts'
import { median, report, type Figure } from './support/results.ts'
import { ticketHistory } from './support/ticket-history.ts'

/**
 * What reviving a ticket costs, by the length of its history: from all of its log, from a snapshot that was taken when
 * it fell asleep, and from one that half an interval of facts has come after (as after a crash). Real embedded store
 * and snapshots; each figure is the median. SPEC: 10,000 events in ≤ 10 ms with a snapshot; aim ≤ 2 ms.
 */
const LENGTHS = [10, 100, 1_000, 10_000]
const TARGET_MS = 10
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? '15')

const folder = await mkdtemp(join(tmpdir(), 'fio-bench-revive-'))
const store = await openEmbeddedStore({ folder: join(folder, 'events') })
const snapshots = await openEmbeddedSnapshots({ folder: join(folder, 'snapshots') })
const stop = new AbortController()
const company = newId<CompanyId>()
const keeperOf = () =>
  createSnapshotKeeper({ snapshots, epoch: store.epoch, clock: systemClock, log: silentLog })
const tools = {
  store,
  keys: { ensure: () => Promise.reject(new Error('no keys')), get: () => Promise.resolve(null) },
  clock: systemClock,
  log: silentLog,
  stop: stop.signal,
}

const write = async (id: string, from: number, count: number, prev: string): Promise<string> => {
  const { events, hash } = ticketHistory(company, from, count, prev)
  for (let at = 0; at < events.length; at += 500)
    await store.append(
      `ticket-${company}.${id}`,
      from + at === 0 ? 'none' : from + at - 1,
      events.slice(at, at + 500),
    )
  return hash
}

/** A directory that knows nobody yet: the next state is a revival. */
const once = async (id: string, kept: boolean): Promise<number> => {
  const directory = createDirectory({ ...tools, ...(kept ? { snapshots: keeperOf() } : {}) })
  const began = performance.now()
  await directory.state(ticketKind, { company, id })
  return performance.now() - began
}
const measure = async (id: string, kept: boolean): Promise<number> => {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await once(id, kept))
  return median(times)
}

const figures: Figure[] = []
for (const length of LENGTHS) {
  const id = randomUUID()
  const hash = await write(id, 0, length, '')
  const whole = await measure(id, false)
  const keeper = keeperOf()
  const directory = createDirectory({ ...tools, snapshots: keeper })
  await directory.state(ticketKind, { company, id })
  await directory.retire()
  const asleep = await measure(id, true)
  const bytes = (await snapshots.get(`ticket-${company}.${id}`))?.length ?? 0
  const half = Math.max(100, length * 0.02) / 2
  await write(id, length, half, hash)
  const crashed = await measure(id, true)
  const must = length === Math.max(...LENGTHS) ? { must: TARGET_MS, aim: 2 } : {}
  const of = `ticket of ${length.toLocaleString('en')} events`
  const ms = { unit: 'ms', better: 'lower' } as const
  figures.push(
    { figure: `${of}: from the log`, value: whole, ...ms },
    {
      figure: `${of}: from a snapshot`,
      value: asleep,
      ...ms,
      ...must,
      note: `${(bytes / 1000).toFixed(0)} kB; as after falling asleep or an orderly stop`,
    },
    {
      figure: `${of}: from a snapshot and half an interval of facts`,
      value: crashed,
      ...ms,
      ...must,
      note: 'as after kill -9',
    },
  )
}
report('revive', { column: 'embedded' }, figures)
stop.abort()
await store.close()
await rm(folder, { recursive: true, force: true })
