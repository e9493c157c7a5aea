import { sql, type RawBuilder } from 'kysely'
import type { RowKey } from './read-models.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Ids come from outside: what is no UUID is found nowhere, and never reaches the database as one. */
export const isUuid = (text: string): boolean => UUID.test(text)

/** Rows asked for by tenant and id, as a table `k`. */
export const askedRows = (asked: readonly RowKey[]): RawBuilder<unknown> => {
  const keys = JSON.stringify(asked.map(({ companyId, id }) => ({ company_id: companyId, id })))
  return sql`json_to_recordset(${keys}::json) as k(company_id uuid, id uuid)`
}
