import { sql } from 'kysely'
import type { UserPrincipal } from '../events/principal.ts'
import type { ProjectionHealth } from './runner.ts'
import { askForRebuild, readRebuild, type Rebuild } from './rebuild-state.ts'
import { projections, table, type Db } from './tables.ts'

/** A fact that a read model could not take and goes on without. */
export type Poisoned = {
  readonly eventId: string
  readonly stream: string
  readonly revision: number
  readonly position: string
  readonly type: string
  /** The table that goes without it; `all`: nobody could read it, or the database refused what it says. */
  readonly readModel: string
  readonly reason: string
  readonly at: string
}

export type RebuildStatus = Omit<Rebuild, 'startedAt' | 'updatedAt' | 'endedAt'> & {
  readonly etaSeconds: number | null
  readonly startedAt: string
  readonly updatedAt: string
  readonly endedAt: string | null
}

export type ProjectionStatus = {
  readonly name: string
  readonly version: number
  /** All read models stand at one position: they are written together. */
  readonly position: string | null
  readonly poisoned: number
}

export type ProjectionsStatus = {
  readonly position: string | null
  /** Counts the sets of tables: one more after each swap. */
  readonly generation: number
  readonly lagSeconds: number
  /** Facts, where the store numbers them. */
  readonly behind: number
  readonly projections: readonly ProjectionStatus[]
  /** The company's latest facts that could not be taken. */
  readonly poisoned: readonly Poisoned[]
  readonly rebuild: RebuildStatus | null
}

/** How the read models are doing, for the admins of a company. Numbers are everybody's; facts only one's own. */
export type Projections = {
  status(who: UserPrincipal): Promise<ProjectionsStatus>
  /** Makes all read models again beside the live ones. One that is wished for or under way already is enough. */
  rebuild(): Promise<RebuildStatus>
}

const POISONED_SHOWN_MAX = 100

const etaOf = ({ state, factsDone, factsTotal, factsPerSecond }: Rebuild): number | null =>
  state === 'reading' && factsTotal !== null && factsPerSecond
    ? Math.max(0, Math.round((factsTotal - factsDone) / factsPerSecond))
    : null

const statusOf = (rebuild: Rebuild): RebuildStatus => ({
  ...rebuild,
  etaSeconds: etaOf(rebuild),
  startedAt: rebuild.startedAt.toISOString(),
  updatedAt: rebuild.updatedAt.toISOString(),
  endedAt: rebuild.endedAt?.toISOString() ?? null,
})

/** `stream` is `<type>-<company>.<id>`: whose a fact is stands in its stream even where nobody can read the fact. */
const poisonedOf = async (db: Db, companyId: string): Promise<Poisoned[]> => {
  const found = await sql<
    Omit<Poisoned, 'at'> & { at: Date }
  >`select event_id as "eventId", stream, revision, position,
      type, read_model as "readModel", reason, at from ${table('poisoned')}
    where split_part(substr(stream, strpos(stream, '-') + 1), '.', 1) = ${companyId}
    order by position desc limit ${POISONED_SHOWN_MAX}`.execute(db)
  return found.rows.map(row => ({ ...row, at: row.at.toISOString() }))
}

const countsOf = async (db: Db, companyId: string): Promise<ReadonlyMap<string, number>> => {
  const found = await sql<{ name: string; n: number }>`select read_model as name, count(*)::int as n
    from ${table('poisoned')} where split_part(substr(stream, strpos(stream, '-') + 1), '.', 1) = ${companyId}
    group by 1`.execute(db)
  return new Map(found.rows.map(({ name, n }) => [name, n]))
}

export const createProjectionsStatus = (options: {
  readonly db: Db
  readonly runner: { health(): ProjectionHealth; behind(): Promise<number> }
}): Projections => {
  const { db, runner } = options
  return {
    status: async ({ companyId }) => {
      const { position, lagMs } = runner.health()
      const counts = await countsOf(db, companyId)
      const generation = await sql<{
        generation: number
      }>`select generation from ${table('checkpoint')}`.execute(db)
      const rebuild = await readRebuild(db)
      return {
        position,
        generation: generation.rows[0]?.generation ?? 0,
        lagSeconds: lagMs / 1000,
        behind: await runner.behind(),
        projections: projections.map(({ table: name, version }) => ({
          name: name.replace(/_row$/, ''),
          version,
          position,
          poisoned: (counts.get(name) ?? 0) + (counts.get('all') ?? 0),
        })),
        poisoned: await poisonedOf(db, companyId),
        rebuild: rebuild && statusOf(rebuild),
      }
    },
    rebuild: async () => statusOf(await askForRebuild(db)),
  }
}
