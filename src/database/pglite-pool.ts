import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { Client } from 'pg'
import { CopyIn } from './copy-in.ts'
import { createNames } from './named.ts'
import { createTurns, type Rank } from './turns.ts'

const READ = /^\s*(select|show|explain|values)\b/i
const BEGIN = /^\s*(begin|start transaction)\b/i
const END = /^\s*(commit|rollback|end)\b(?!\s+to\b)/i

/**
 * WAL is only cut by a checkpoint, and a session without a server never makes one by itself. Small and often: a pause
 * of some milliseconds now instead of seconds of replay after a kill.
 */
const CHECKPOINT_AFTER_BYTES = 4 * 1024 * 1024
const CHECKPOINT_QUIET_MS = 5_000

/** Sizes of what is written, as a measure of how much log there is to replay after a kill. */
const weight = (sql: string, parameters: readonly unknown[]): number => {
  let sum = sql.length + 64
  for (const value of parameters) sum += typeof value === 'string' ? value.length : 16
  return sum
}

/** A client of the pool that can also load rows. */
export type PgliteClient = PostgresPoolClient & { copyIn(statement: string, rows: Buffer): Promise<void> }

export type PglitePool = {
  at(rank: 'write' | 'background'): PostgresPool
  /** A client below everybody else in rank. */
  loader(): PgliteClient
  end(): Promise<void>
}

/**
 * Pools for Kysely over the one session of PGlite. A client of the pool holds the session only from `begin` to
 * `commit`; single statements each take their own turn, reads first.
 */
export const createPglitePool = (client: Client, onStatement?: (sql: string) => void): PglitePool => {
  const turns = createTurns()
  const named = createNames()
  let unlogged = 0
  let quiet: NodeJS.Timeout | null = null
  let ended = false

  const send = async <R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    onStatement?.(sql)
    if (!READ.test(sql)) unlogged += weight(sql, parameters)
    const result = await client.query(named(sql, parameters))
    return result as unknown as PostgresQueryResult<R>
  }
  const checkpoint = async (): Promise<void> => {
    unlogged = 0
    await client.query('checkpoint')
  }
  const checkpointInTurn = async (): Promise<void> => {
    const end = await turns.take('background')
    // A lost session is reported by the worker; there is nothing to put on disk any more.
    if (!ended && unlogged > 0) await checkpoint().catch(() => undefined)
    end()
  }
  const checkpointWhenQuiet = (): void => {
    if (quiet || ended || unlogged === 0) return
    quiet = setTimeout(() => {
      quiet = null
      void checkpointInTurn()
    }, CHECKPOINT_QUIET_MS)
    quiet.unref()
  }
  /** Ends a turn; a long enough log is cut first, while nobody else is on the session. */
  const finish = async (end: () => void): Promise<void> => {
    try {
      if (unlogged > CHECKPOINT_AFTER_BYTES) await checkpoint()
      else checkpointWhenQuiet()
    } finally {
      end()
    }
  }

  const sendRows = async (statement: string, rows: Buffer): Promise<void> => {
    onStatement?.(statement)
    unlogged += rows.length
    const copy = new CopyIn(statement, rows)
    client.query(copy)
    await copy.done
  }

  const clientAt = (rank: Rank): PgliteClient => {
    let turn: (() => void) | null = null
    const single = async <R>(sql: string, parameters: readonly unknown[]) => {
      const end = await turns.take(rank === 'write' && READ.test(sql) ? 'read' : rank)
      try {
        return await send<R>(sql, parameters)
      } finally {
        await finish(end)
      }
    }
    const leave = async (): Promise<void> => {
      const end = turn
      turn = null
      if (end) await finish(end)
    }
    const query = async <R>(sql: string, parameters: readonly unknown[] = []) => {
      if (turn) {
        try {
          return await send<R>(sql, parameters)
        } finally {
          if (END.test(sql)) await leave()
        }
      }
      if (!BEGIN.test(sql)) return single<R>(sql, parameters)
      turn = await turns.take(rank)
      try {
        return await send<R>(sql, parameters)
      } catch (error) {
        await leave()
        throw error
      }
    }
    return {
      query: query as PostgresPoolClient['query'],
      copyIn: async (statement, rows) => {
        if (turn) return sendRows(statement, rows)
        const end = await turns.take(rank)
        try {
          await sendRows(statement, rows)
        } finally {
          await finish(end)
        }
      },
      release: () => {
        // Somebody let go in the middle of a transaction: nobody else may end up inside it.
        if (turn)
          void send('rollback', [])
            .catch(() => undefined)
            .then(leave)
      },
    }
  }

  return {
    at: rank => ({ connect: async () => clientAt(rank), end: async () => undefined }),
    loader: () => clientAt('background'),
    end: async () => {
      const end = await turns.take('background')
      ended = true
      if (quiet) clearTimeout(quiet)
      end()
    },
  }
}
