import { contactKind, type ContactState } from '../../actors/contact/chart.ts'
import type { Act } from '../act.ts'

/**
 * Contacts that are one person lead to the one that is shown for all of them. One step is the rule; two while a merge of
 * whoever had been merged into before is under way. Two merges in opposite directions at the same moment make a circle until
 * one of them gives way: meanwhile everybody takes the same one of it, the smallest id.
 */
const STEPS_MAX = 16

export type Person = { readonly id: string; readonly state: ContactState }

/** The contacts that one leads over, itself first, to the one that stands for all of them. */
export const lineOf = async (act: Pick<Act, 'state'>, contactId: string): Promise<string[]> => {
  const line: string[] = []
  for (let id: string | null = contactId; id !== null && !line.includes(id);) {
    line.push(id)
    const { state }: { state: ContactState } = await act.state(contactKind, id)
    id = state.matches('merged') ? state.context.mergedInto : null
  }
  return line
}

/** @throws Error for a chain that never ends */
export const personOf = async (
  act: Pick<Act, 'state'>,
  contactId: string,
  freshMs: number = Number.POSITIVE_INFINITY,
): Promise<Person> => {
  const seen: string[] = []
  let id = contactId
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const { state } = await act.state(contactKind, id, freshMs)
    const next = state.matches('merged') ? state.context.mergedInto : null
    if (next === null) return { id, state }
    if (seen.includes(next)) return smallestOf(act, [...seen.slice(seen.indexOf(next)), id], freshMs)
    seen.push(id)
    id = next
  }
  throw new Error(`contact ${contactId} was merged more than ${STEPS_MAX} times over`)
}

const smallestOf = async (
  act: Pick<Act, 'state'>,
  ids: readonly string[],
  freshMs: number,
): Promise<Person> => {
  const id = ids.reduce((least, one) => (one < least ? one : least))
  return { id, state: (await act.state(contactKind, id, freshMs)).state }
}

/** Whether somebody of the company said that these are two people. */
export const areApart = (a: Person, b: Person): boolean =>
  a.state.context.apart.includes(b.id) || b.state.context.apart.includes(a.id)
