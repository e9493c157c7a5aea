import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { api, type Ticket, type TicketQuery } from '../api/index.ts'
import { onTicketChange, putTicket, ticketRows } from './tickets.ts'

const PAGE_SIZE = 50

export type ListSpec = { readonly query: TicketQuery; readonly holds: (ticket: Ticket) => boolean }

/** Newest activity first, and the same order for everybody when two happened at once. */
const before = (a: Ticket, b: Ticket): boolean => {
  const [left, right] = [activityOf(a), activityOf(b)]
  return left === right ? a.id > b.id : left > right
}
export const activityOf = (ticket: Ticket): string => ticket.lastMessage?.at ?? ticket.openedAt

/** Where a ticket belongs in a sorted list of ids. */
export const placeIn = (
  ids: readonly string[],
  ticket: Ticket,
  rows: Readonly<Record<string, Ticket>>,
): number => {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = rows[ids[middle] ?? '']
    if (other && before(other, ticket)) low = middle + 1
    else high = middle
  }
  return low
}

export type TicketList = {
  readonly ids: Accessor<readonly string[]>
  readonly loading: Accessor<boolean>
  readonly error: Accessor<unknown>
  readonly more: () => void
  readonly reload: () => Promise<void>
}

/**
 * One list of tickets: pages from the server, kept true by the socket. A ticket that changes is taken out and put back
 * in its place; one that belongs below what was loaded waits for its page.
 */
export const createTicketList = (spec: ListSpec): TicketList => {
  const [ids, setIds] = createSignal<readonly string[]>([])
  const [loading, setLoading] = createSignal(true)
  const [error, setError] = createSignal<unknown>()
  let cursor: string | null = null
  let round = 0

  const load = async (fresh: boolean): Promise<void> => {
    const mine = ++round
    setLoading(true)
    setError(undefined)
    try {
      const page = await api.tickets.list({ ...spec.query, limit: PAGE_SIZE, cursor: fresh ? null : cursor })
      if (mine !== round) return
      if (fresh) setIds([])
      cursor = page.nextCursor
      for (const ticket of page.items) {
        putTicket(ticket)
        place(ticketRows()[ticket.id] ?? ticket)
      }
    } catch (failure) {
      if (mine === round) setError(failure)
    } finally {
      if (mine === round) setLoading(false)
    }
  }

  const place = (ticket: Ticket): void => {
    setIds(old => {
      const rest = old.filter(id => id !== ticket.id)
      if (!spec.holds(ticket)) return rest.length === old.length ? old : rest
      const at = placeIn(rest, ticket, ticketRows())
      if (old[at] === ticket.id && rest.length !== old.length) return old
      return [...rest.slice(0, at), ticket.id, ...rest.slice(at)]
    })
  }

  const stop = onTicketChange((ticket, _before, id) => {
    if (!ticket) return void setIds(old => old.filter(other => other !== id))
    const belowLoaded =
      cursor !== null && placeIn(ids(), ticket, ticketRows()) >= ids().length && !ids().includes(id)
    if (!belowLoaded) place(ticket)
  })
  onCleanup(() => {
    round++
    stop()
  })

  void load(true)
  return {
    ids,
    loading,
    error,
    more: () => {
      if (cursor !== null && !loading()) void load(false)
    },
    reload: () => load(true),
  }
}
