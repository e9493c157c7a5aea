import { sql } from 'kysely'
import type { User } from '../realtime/protocol.ts'
import type { CompanyRow } from './company-row.ts'
import { fromCursor, pageOf, textAndId } from './cursor.ts'
import type { QueueRow } from './queue-row.ts'
import type { CompanySettings, ReadModels } from './read-models.ts'
import { table, type Db } from './tables.ts'
import { isUuid } from './asked.ts'
import type { UserRow } from './user-row.ts'

const userView = (row: UserRow): User => ({
  id: row.id,
  companyId: row.company_id,
  name: row.name,
  email: row.email,
  role: row.role,
  queueIds: [...row.queue_ids],
  active: row.active,
  locale: row.locale,
  revision: row.revision,
})

/** Before the company is known to the read models, it has chosen nothing. */
const settingsView = (row: CompanyRow | undefined): CompanySettings => ({
  inboundMediaBytesMax: row?.inbound_media_bytes_max ?? null,
  outboundMediaBytesMax: row?.outbound_media_bytes_max ?? null,
  tellTooLarge: row?.tell_too_large ?? true,
  largeFilesAsLinks: row?.large_files_as_links ?? true,
})

/** Users and queues of the company, and what it chose. */
export const createPeopleQueries = (
  db: Db,
): Pick<ReadModels, 'users' | 'user' | 'queues' | 'companySettings'> => ({
  companySettings: async who => {
    const { rows } = await sql<CompanyRow>`select c.* from ${table('company_row')} c
      where c.company_id = ${who.companyId} and c.id = ${who.companyId}`.execute(db)
    return settingsView(rows[0])
  },

  users: async (who, ask) => {
    const conditions = [sql`u.company_id = ${who.companyId}`]
    if (ask.cursor) {
      const [name, id] = fromCursor('users', textAndId, ask.cursor)
      conditions.push(sql`(u.name, u.id) > (${name}, ${id}::uuid)`)
    }
    const { rows } = await sql<UserRow>`select u.* from ${table('user_row')} u
      where ${sql.join(conditions, sql` and `)} order by u.name, u.id limit ${ask.limit + 1}`.execute(db)
    return pageOf('users', rows, ask.limit, row => [row.name, row.id], userView)
  },

  user: async (who, userId) => {
    if (!isUuid(userId)) return null
    const { rows } = await sql<UserRow>`select u.* from ${table('user_row')} u
      where u.company_id = ${who.companyId} and u.id = ${userId}`.execute(db)
    return rows[0] ? userView(rows[0]) : null
  },

  queues: async (who, ask) => {
    const conditions = [sql`q.company_id = ${who.companyId}`, sql`not q.removed`]
    if (ask.cursor) {
      const [name, id] = fromCursor('queues', textAndId, ask.cursor)
      conditions.push(sql`(q.name, q.id) > (${name}, ${id}::uuid)`)
    }
    const { rows } = await sql<QueueRow>`select q.* from ${table('queue_row')} q
      where ${sql.join(conditions, sql` and `)} order by q.name, q.id limit ${ask.limit + 1}`.execute(db)
    const view = ({ id, name, color, revision }: QueueRow) => ({ id, name, color, revision })
    return pageOf('queues', rows, ask.limit, row => [row.name, row.id], view)
  },
})
