import { sql } from 'kysely'
import type { UserPrincipal } from '../events/principal.ts'
import type { DeadLetterRow } from './dead-letter-row.ts'
import { fromCursor, pageOf, textAndId } from './cursor.ts'
import type { HistorySource } from './history.ts'
import { streamOf } from './place.ts'
import type { DeadLetter, ReadModels } from './read-models.ts'
import { table } from './tables.ts'
import { isUuid } from './asked.ts'

const LIST = 'dead-letters'

const deadLetterView = (row: DeadLetterRow): DeadLetter => ({
  id: row.id,
  source: row.source,
  reason: row.reason,
  sessionId: row.session_id,
  status: row.status,
  attempts: row.attempts,
  lastError: row.last_error,
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** A payload is a customer's message that nobody sorted yet: only those who answer for everything read it. */
const mayRead = (who: UserPrincipal): boolean => who.role === 'super-admin' || who.role === 'admin'

/** What could not be processed, newest first. */
export const createDeadLetterQueries = ({
  db,
  store,
  decode,
}: HistorySource): Pick<ReadModels, 'deadLetters' | 'deadLetter'> => {
  const payloadOf = async (companyId: string, id: string): Promise<string | null> => {
    for await (const event of store.readStream(streamOf('deadletter', companyId, id), { limit: 1 })) {
      const fact = await decode(event)
      return fact.type === 'deadLetter.recorded' ? (fact.data.personal?.payload ?? null) : null
    }
    return null
  }
  return {
    deadLetters: async (who, ask) => {
      if (!mayRead(who)) return { items: [], nextCursor: null }
      const conditions = [sql`d.company_id = ${who.companyId}`]
      if (ask.status) conditions.push(sql`d.status = ${ask.status}`)
      if (ask.cursor) {
        const [at, id] = fromCursor(LIST, textAndId, ask.cursor)
        conditions.push(sql`(d.created_at, d.id) < (${at}, ${id}::uuid)`)
      }
      const { rows } = await sql<DeadLetterRow>`select d.* from ${table('deadletter_row')} d
        where ${sql.join(conditions, sql` and `)}
        order by d.created_at desc, d.id desc limit ${ask.limit + 1}`.execute(db)
      return pageOf(LIST, rows, ask.limit, row => [row.created_at, row.id], deadLetterView)
    },

    deadLetter: async (who, id) => {
      if (!mayRead(who) || !isUuid(id)) return null
      const { rows } = await sql<DeadLetterRow>`select d.* from ${table('deadletter_row')} d
        where d.company_id = ${who.companyId} and d.id = ${id}`.execute(db)
      const [row] = rows
      return row ? { ...deadLetterView(row), payload: await payloadOf(who.companyId, row.id) } : null
    },
  }
}
