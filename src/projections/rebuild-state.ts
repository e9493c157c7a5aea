import { sql } from 'kysely'
import { SCHEMA, table, type Db } from './tables.ts'

/** Why the read models are made again. `empty`: there were none; `version`: other code made them; `asked`: somebody wants it. */
export type RebuildReason = 'empty' | 'version' | 'asked'

/** `asked`: nobody has begun. `reading`: folding the log. `indexes`: making what was read quick to ask. `swapping`: catching up, then taking the place of the old. */
export const REBUILD_STATES = ['asked', 'reading', 'indexes', 'swapping', 'done', 'failed'] as const
export type RebuildState = (typeof REBUILD_STATES)[number]

/** The present rebuild, or the latest. */
export type Rebuild = {
  readonly state: RebuildState
  readonly reason: RebuildReason
  readonly factsDone: number
  /** How many facts the log has; an estimate where the store does not number them; `null`: not known yet. */
  readonly factsTotal: number | null
  readonly factsPerSecond: number | null
  /** Why it failed. */
  readonly error: string | null
  readonly startedAt: Date
  readonly updatedAt: Date
  readonly endedAt: Date | null
}

const COLUMNS = sql.raw(`state, reason, facts_done as "factsDone", facts_total as "factsTotal",
  facts_per_second as "factsPerSecond", error, started_at as "startedAt", updated_at as "updatedAt", ended_at as "endedAt"`)

export const isRunning = (state: RebuildState): boolean => state !== 'done' && state !== 'failed'

export const readRebuild = async (db: Db): Promise<Rebuild | null> =>
  (await sql<Rebuild>`select ${COLUMNS} from ${table('rebuild')}`.execute(db)).rows[0] ?? null

/** Wishes for a rebuild; one that is wished for or running already is enough. Whoever makes read models finds it. */
export const askForRebuild = async (db: Db): Promise<Rebuild> => {
  await sql`insert into ${table('rebuild')} as r (one, state, reason, facts_done, started_at, updated_at)
    values (1, 'asked', 'asked', 0, now(), now())
    on conflict (one) do update set state = 'asked', reason = 'asked', facts_done = 0, facts_total = null,
      facts_per_second = null, error = null, started_at = now(), updated_at = now(), ended_at = null
    where r.state in ('done', 'failed')`.execute(db)
  const rebuild = await readRebuild(db)
  if (!rebuild) throw new Error('the read models were dropped while a rebuild was asked for')
  return rebuild
}

/** Where a rebuild is, as its maker tells it. */
export type RebuildTold = {
  readonly state: RebuildState
  readonly reason: RebuildReason
  readonly factsDone: number
  readonly factsTotal: number | null
  readonly factsPerSecond: number | null
  readonly error: string | null
}

/** The statement that tells it, in whichever set, with its parameters. */
export const tellStatement = (told: RebuildTold, schema: string = SCHEMA): [string, readonly unknown[]] => [
  `insert into ${schema}.rebuild as r
      (one, state, reason, facts_done, facts_total, facts_per_second, error, started_at, updated_at, ended_at)
    values (1, $1, $2, $3, $4, $5, $6, $7, now(), case when $1 in ('done', 'failed') then now() end)
    on conflict (one) do update set state = excluded.state, reason = excluded.reason, facts_done = excluded.facts_done,
      facts_total = excluded.facts_total, facts_per_second = excluded.facts_per_second, error = excluded.error,
      started_at = excluded.started_at, updated_at = now(), ended_at = excluded.ended_at`,
  [told.state, told.reason, told.factsDone, told.factsTotal, told.factsPerSecond, told.error],
]
