import type { RecordedEvent } from '../events/all.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { Log } from '../shared/log.ts'
import { poisonOf } from './decode-batch.ts'
import { foldBatch, remember, warm, type Caches, type LoadWhere } from './fold-batch.ts'
import { projections, type Db } from './tables.ts'
import { loadRows, loadRowsWhere, writeBatch, type At, type Poison } from './write.ts'

/** Decoded facts of one stretch of the log, and those that could not be made sense of. */
export type Stretch = {
  readonly facts: readonly RecordedEvent[]
  readonly undecodable: readonly Poison[]
  /** Up to where the log was read: the last fact's position, or beyond. */
  readonly to: string
}

/** `poisoned`: how many facts some read model could not take. `null`: the tables are not where `at` says; nothing was written. */
export type Written = { readonly at: At; readonly poisoned: number } | null

export type BatchWriter = { write(at: At, stretch: Stretch): Promise<Written> }

/** Errors that come from what was written, not from the connection: SQLSTATE classes of data, limits and integrity. */
export const isDataError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^(21|22|23|54)/.test(String(error.code))

/** Folds stretches of the log and writes them; a fact that the database refuses is found and left out. */
export const createBatchWriter = (options: {
  readonly db: () => Db
  readonly caches: Caches
  /** Whether what is written is shown to people now, with the names of whom it is about. */
  readonly warm?: () => boolean
  readonly log: Log
}): BatchWriter => {
  const { db, caches, log } = options

  const writeAtOnce = async (at: At, { facts, undecodable, to }: Stretch): Promise<Written> => {
    const load = (table: string, keys: Parameters<typeof loadRows>[3]) =>
      loadRows(db(), at.schema, table, keys)
    const loadWhere: LoadWhere = (...asked) => loadRowsWhere(db(), at.schema, ...asked)
    const { changes, poisons } = await foldBatch(projections, facts, load, loadWhere, caches)
    const all = [...undecodable, ...poisons]
    failPoint('projection.before-commit')
    if (!(await writeBatch(db(), at, to, changes, all))) return null
    failPoint('projection.committed')
    remember(caches, changes)
    if (options.warm?.()) await warm(caches, changes, load)
    for (const poison of all)
      log.error({ poison }, 'a read model could not take a fact and goes on without it')
    return { at: { ...at, position: to }, poisoned: all.length }
  }

  /** The database refuses what a batch says: find the fact that it is, by writing one at a time. */
  const writeOneByOne = async (from: At, { facts, undecodable, to }: Stretch): Promise<Written> => {
    let done: NonNullable<Written> = { at: from, poisoned: 0 }
    const next = async (stretch: Stretch): Promise<boolean> => {
      const written = await writeAtOnce(done.at, stretch)
      if (written) done = { at: written.at, poisoned: done.poisoned + written.poisoned }
      return written !== null
    }
    // Recorded with the step that passes it: whoever goes on from a step in the middle never looks at it again.
    const passed = (upTo: string): Poison[] =>
      undecodable.filter(({ position }) => position > done.at.position && position <= upTo)
    for (const fact of facts) {
      const on = { undecodable: passed(fact.position), to: fact.position }
      try {
        if (!(await next({ facts: [fact], ...on }))) return null
      } catch (error) {
        if (!isDataError(error)) throw error
        const undecodable = [...on.undecodable, poisonOf(fact, 'all', error)]
        if (!(await next({ facts: [], undecodable, to: on.to }))) return null
      }
    }
    return (await next({ facts: [], undecodable: passed(to), to })) ? done : null
  }

  return {
    write: async (at, stretch) => {
      try {
        return await writeAtOnce(at, stretch)
      } catch (error) {
        if (!isDataError(error)) throw error
        log.warn(
          { err: error, facts: stretch.facts.length },
          'the database refused a batch; writing it one by one',
        )
        return writeOneByOne(at, stretch)
      }
    },
  }
}
