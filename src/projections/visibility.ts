import { sql, type RawBuilder } from 'kysely'
import type { UserPrincipal } from '../events/principal.ts'

/**
 * Who may see what, as SQL. It is part of every statement that answers a person, so that what is hidden is not found,
 * not counted, and told apart from nothing by nobody. `t` is the ticket.
 */
type Condition = RawBuilder<unknown>

const inQueues = (who: UserPrincipal): Condition => sql`t.queue_id = any(${[...who.queueIds]}::uuid[])`

const WITHIN_COMPANY: { readonly [R in UserPrincipal['role']]: (who: UserPrincipal) => Condition } = {
  'super-admin': () => sql`true`,
  admin: () => sql`true`,
  auditor: () => sql`true`,
  analyst: () => sql`true`,
  supervisor: who => sql`(${inQueues(who)} or t.queue_id is null or t.user_id = ${who.userId})`,
  agent: who => sql`(t.user_id = ${who.userId} or (t.status in ('pending', 'bot') and ${inQueues(who)}))`,
}

/** Tickets that the person may see. */
export const visibleTicket = (who: UserPrincipal): Condition =>
  sql`t.company_id = ${who.companyId} and ${WITHIN_COMPANY[who.role](who)}`

/** Tickets whose past the person may look into: an agent only own ones. */
export const visibleHistory = (who: UserPrincipal): Condition =>
  who.role === 'agent'
    ? sql`t.company_id = ${who.companyId} and t.user_id = ${who.userId}`
    : visibleTicket(who)

/** Analysts count; they read nobody's words and know nobody's name. */
export const mayReadPersonal = (who: UserPrincipal): boolean => who.role !== 'analyst'

/** What was deleted for everyone stays readable for those who answer for it. */
export const mayReadDeleted = (who: UserPrincipal): boolean =>
  who.role === 'super-admin' || who.role === 'admin' || who.role === 'auditor'

/** What messages cost is for those who pay for them, check it, or count. */
export const mayReadPricing = (who: UserPrincipal): boolean =>
  who.role === 'super-admin' || who.role === 'admin' || who.role === 'auditor' || who.role === 'analyst'

/** Who may know what happened to a channel: those who answer for it, and those who answer for the people on it. */
export const mayReadSessionHistory = (who: UserPrincipal): boolean =>
  who.role === 'super-admin' || who.role === 'admin' || who.role === 'supervisor' || who.role === 'auditor'

/** Who may know what happened to a contact: those who answer for it, and those who check. */
export const mayReadContactHistory = (who: UserPrincipal): boolean => mayReadSessionHistory(who)

/** Who may know what happened to an account: those who look after it, and those who check. */
export const mayReadUserHistory = (who: UserPrincipal): boolean =>
  who.role === 'super-admin' || who.role === 'admin' || who.role === 'auditor'
