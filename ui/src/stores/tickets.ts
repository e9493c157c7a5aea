import { createStore, produce, reconcile, unwrap } from 'solid-js/store'
import { createSignal } from 'solid-js'
import { api, type Contact, type Counts, type Ticket } from '../api/index.ts'
import { learnAbilities } from './abilities.ts'

/** Every ticket that this browser has seen and may still see, by id. Lists and the conversation read from here. */
const [rows, setRows] = createStore<Record<string, Ticket>>({})
export const ticketOf = (id: string): Ticket | undefined => rows[id]
export const ticketRows = (): Readonly<Record<string, Ticket>> => unwrap(rows)

type Listener = (now: Ticket | null, before: Ticket | undefined, id: string) => void
const listeners = new Set<Listener>()
/** Lists follow their rows through this: a signal per row of ten thousand would cost more than it gives. */
export const onTicketChange = (listener: Listener): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Takes a row unless a newer one is here already. Answers whether it was taken. */
export const putTicket = (ticket: Ticket): boolean => {
  const before = unwrap(rows)[ticket.id]
  if (before && before.revision > ticket.revision) return false
  const copy = before && structuredClone(before)
  // A pushed row may not know when the customer last wrote: what was known goes on.
  const row = before?.window && !ticket.window ? { ...ticket, window: before.window } : ticket
  setRows(ticket.id, reconcile(row))
  for (const listener of listeners) listener(ticket, copy, ticket.id)
  return true
}

export const dropTicket = (id: string): void => {
  const before = unwrap(rows)[id]
  if (!before) return
  for (const listener of listeners) listener(null, before, id)
  setRows(produce(all => void delete all[id]))
}

/** The name in the list is the contact's: it changes with it. Tickets of those for whom it stands are its own from now on. */
export const renameContact = (contact: Contact): void => {
  // That contact tells of itself.
  if (contact.mergedInto) return
  const ids = new Set([contact.id, ...(contact.merged ?? []).map(({ id }) => id)])
  for (const [id, row] of Object.entries(unwrap(rows))) {
    if (ids.has(row.contact.id))
      setRows(id, 'contact', { id: contact.id, name: contact.name, phone: contact.phone })
  }
}

/** Loads one ticket that no list has brought. */
export const loadTicket = async (id: string): Promise<Ticket> => {
  const opened = await api.tickets.get(id)
  const { capabilities, ...session } = opened.session
  if (capabilities) learnAbilities(session.provider, capabilities)
  const ticket = { ...opened, session }
  putTicket(ticket)
  return ticket
}

const [counts, setCounts] = createSignal<Counts | null>(null)
export { counts }

const share = (ticket: Ticket | null | undefined, userId: string): Counts => {
  const mine = ticket?.status === 'open' && ticket.user?.id === userId
  return {
    mine: mine ? 1 : 0,
    mineUnread: mine && ticket.unreadCount > 0 ? 1 : 0,
    pending: ticket?.status === 'pending' || ticket?.status === 'bot' ? 1 : 0,
    open: ticket?.status === 'open' ? 1 : 0,
    closed: ticket?.status === 'closed' ? 1 : 0,
  }
}

/** Moves the numbers by what one ticket changed, without asking the server. */
export const shiftCounts = (before: Ticket | undefined, now: Ticket | null, userId: string): void => {
  const [minus, plus] = [share(before, userId), share(now, userId)]
  setCounts(old => {
    if (!old) return old
    const next = { ...old }
    for (const key of Object.keys(next) as (keyof Counts)[])
      next[key] = Math.max(0, old[key] + plus[key] - minus[key])
    return next
  })
}

export const loadCounts = async (): Promise<void> => {
  setCounts(await api.tickets.counts())
}

export const forgetTickets = (): void => {
  setRows(reconcile({}))
  setCounts(null)
}
