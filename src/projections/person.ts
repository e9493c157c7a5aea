import type { EventType, RecordedEvent } from '../events/all.ts'
import { inSql } from './define.ts'
import { idOf } from './place.ts'

/**
 * Rows of a person: whose they were when they were made, and whose they are shown as, which is another contact while that one
 * stands for both. Told upon `contact.merged`, and again when everything was joined: what came in between is shown so too.
 */
export type OfPerson = { readonly contact_id: string; readonly origin_contact_id: string }

export const MERGES: readonly EventType[] = ['contact.merged', 'contact.mergeCompleted', 'contact.unmerged']

/** Whose a row of this contact may be shown as right now. */
const shownAs = (fact: RecordedEvent): readonly string[] => {
  const id = idOf(fact.stream)
  if (fact.type === 'contact.merged')
    return [id, fact.data.intoId, ...(fact.data.formerId === null ? [] : [fact.data.formerId])]
  if (fact.type === 'contact.mergeCompleted') return [id, fact.data.intoId]
  return fact.type === 'contact.unmerged' ? [id, fact.data.fromId] : [id]
}

export const isOfMerged = (row: OfPerson, fact: RecordedEvent): boolean =>
  row.origin_contact_id === idOf(fact.stream) && shownAs(fact).includes(row.contact_id)

/** The same as SQL of a table `t`, by the index of `contact_id`. */
export const ofMerged = (fact: RecordedEvent): string =>
  `t.contact_id in (${shownAs(fact).map(inSql).join(', ')}) and t.origin_contact_id = ${inSql(idOf(fact.stream))}`

/** What a merge makes of a row. */
export const mergeHandlers = {
  'contact.merged': <Row extends OfPerson>(
    row: Row | undefined,
    { data }: { data: { intoId: string } },
  ): Row | undefined => row && { ...row, contact_id: data.intoId },
  'contact.mergeCompleted': <Row extends OfPerson>(
    row: Row | undefined,
    { data }: { data: { intoId: string } },
  ): Row | undefined => row && { ...row, contact_id: data.intoId },
  'contact.unmerged': <Row extends OfPerson>(row: Row | undefined): Row | undefined =>
    row && { ...row, contact_id: row.origin_contact_id },
}
