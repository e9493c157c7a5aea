import { ConfigError, loadConfig } from '../config.ts'
import { decode, decodeAccepted } from '../eventstore/codec.ts'
import { logDistance } from '../eventstore/position.ts'
import { openCheckpoint } from '../projections/checkpoint.ts'
import { rebuild, type RebuildProgress } from '../projections/rebuild.ts'
import type { Db } from '../projections/tables.ts'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { dataKeys } from '../vault/data-keys.ts'
import { openGround } from './ground.ts'

/**
 * `rebuild`: makes the read models again from the log that the environment names, and tells how far it is. On PostgreSQL
 * beside running servers, which go on reading the old ones until the swap; the embedded log is opened by one process at a
 * time: stop the server first, or ask the server itself (the System screen, `POST /api/v1/projections/rebuild`). Ends
 * with 1 when it failed or another process is at it.
 */
const KEYS_CACHED_MAX = 100_000
const SAY_MS = 1_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const line = ({ state, factsDone, factsTotal, factsPerSecond }: RebuildProgress): string => {
  const share = factsTotal ? ` (${Math.min(100, Math.floor((factsDone / factsTotal) * 100))} %)` : ''
  const left =
    factsTotal && factsPerSecond && factsTotal > factsDone
      ? `, about ${Math.ceil((factsTotal - factsDone) / factsPerSecond)} s left`
      : ''
  return `${state}: ${factsDone} facts${share}, ${factsPerSecond ?? 0} a second${left}`
}

const run = async (): Promise<number> => {
  const ground = await openGround(loadConfig(process.env), systemClock, silentLog)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  let saidAt = Number.NEGATIVE_INFINITY
  let saidState = ''
  try {
    const { store, database, vault } = ground
    const db = database.background as unknown as Db
    const keys = dataKeys(vault, { cacheMax: KEYS_CACHED_MAX, clock: systemClock })
    // Where there are no read models at all, empty ones are what is swapped out.
    await openCheckpoint(db, store, () => store.head())
    const { outcome } = await rebuild(
      {
        store,
        database,
        db,
        decode: event => decode(event, keys),
        decodeAccepted: event => decodeAccepted(event, keys),
        distance: logDistance(store.epoch),
        clock: systemClock,
        log: silentLog,
        onProgress: told => {
          const now = systemClock.monotonic()
          if (told.state === saidState && now - saidAt < SAY_MS) return
          saidAt = now
          saidState = told.state
          say(line(told))
        },
      },
      'asked',
      stop.signal,
    )
    if (outcome === 'busy') say('Another process is making the read models right now.')
    if (outcome === 'stopped') say('Stopped. The read models are as they were.')
    if (outcome === 'done') say('The read models are made.')
    return outcome === 'done' ? 0 : 1
  } finally {
    await ground.close()
  }
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`,
  )
  process.exitCode = 1
}
