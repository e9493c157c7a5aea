import { sql } from 'kysely'
import type { Session } from '../realtime/protocol.ts'
import { fromCursor, pageOf, textAndId } from './cursor.ts'
import type { PushViews, ReadModels } from './read-models.ts'
import type { SessionRow } from './session-row.ts'
import { table, type Db } from './tables.ts'
import { askedRows, isUuid } from './asked.ts'

const LIST = 'sessions'

const sessionView = (row: SessionRow): Session => ({
  id: row.id,
  name: row.name,
  provider: row.provider,
  status: row.status,
  isDefault: row.is_default,
  queueIds: [...row.queue_ids],
  settings: row.settings,
  account: row.account,
  reason: row.reason,
  since: row.since,
  lastLoss: row.last_loss,
  revision: row.revision,
  createdAt: row.created_at,
})

/** The company's sessions; removed ones are gone for everybody. */
export const createSessionQueries = (
  db: Db,
): Pick<ReadModels, 'sessions' | 'session'> & Pick<PushViews, 'sessionViews'> => ({
  sessions: async (who, ask) => {
    const conditions = [sql`s.company_id = ${who.companyId}`, sql`s.status <> 'removed'`]
    if (ask.cursor) {
      const [at, id] = fromCursor(LIST, textAndId, ask.cursor)
      conditions.push(sql`(s.created_at, s.id) > (${at}, ${id}::uuid)`)
    }
    const { rows } = await sql<SessionRow>`select s.* from ${table('session_row')} s
      where ${sql.join(conditions, sql` and `)} order by s.created_at, s.id limit ${ask.limit + 1}`.execute(
      db,
    )
    return pageOf(LIST, rows, ask.limit, row => [row.created_at, row.id], sessionView)
  },

  session: async (who, sessionId) => {
    if (!isUuid(sessionId)) return null
    const { rows } = await sql<SessionRow>`select s.* from ${table('session_row')} s
      where s.company_id = ${who.companyId} and s.id = ${sessionId} and s.status <> 'removed'`.execute(db)
    return rows[0] ? sessionView(rows[0]) : null
  },

  sessionViews: async asked => {
    const { rows } = await sql<SessionRow>`select s.* from ${table('session_row')} s
      join ${askedRows(asked)} on k.company_id = s.company_id and k.id = s.id`.execute(db)
    return new Map(rows.map(row => [row.id, { companyId: row.company_id, session: sessionView(row) }]))
  },
})
