import { createSignal } from 'solid-js'
import type { Ticket } from '../api/index.ts'
import { mayReadPeople, me } from './auth.ts'
import { createStored } from './stored.ts'
import { contactName } from '../i18n/format.ts'
import type { ListSpec } from './ticket-list.ts'

export const TABS = ['mine', 'waiting', 'open', 'closed'] as const
export type Tab = (typeof TABS)[number]
export const [tab, setTab] = createStored<Tab>('tab', 'waiting')
/** In the Waiting tab: whoever has waited longest on top, instead of whoever wrote last. */
export const [oldestFirst, setOldestFirst] = createStored('oldestFirst', false)
/** In Mine and All open: everything, only what is at hand, or only what was put aside. */
export const SNOOZE_FILTERS = ['all', 'awake', 'snoozed'] as const
export type SnoozeFilter = (typeof SNOOZE_FILTERS)[number]
export const [snoozeFilter, setSnoozeFilter] = createStored<SnoozeFilter>('snoozeFilter', 'all')
const SEARCH_MILLISECONDS = 220
const [search, setSearchNow] = createSignal('')
const [settledSearch, settleSearch] = createSignal('')
let searchTimer: ReturnType<typeof setTimeout> | undefined
export { search }
/** The box shows every key at once; the list asks when the hand rests. */
export const setSearch = (text: string): void => {
  setSearchNow(text)
  clearTimeout(searchTimer)
  searchTimer = setTimeout(() => settleSearch(text), text === '' ? 0 : SEARCH_MILLISECONDS)
}
export const [queueFilter, setQueueFilter] = createSignal('')
export const [sessionFilter, setSessionFilter] = createSignal('')
export const filtered = () => search().trim() !== '' || queueFilter() !== '' || sessionFilter() !== ''
export const clearFilters = () => {
  setSearch('')
  setQueueFilter('')
  setSessionFilter('')
}

const FOUND_CHARS_MIN = 2
/** What messages are searched for; empty where nobody searches, or is somebody who reads no messages. */
export const messageSearch = (): string => {
  const q = settledSearch().trim()
  return q.length < FOUND_CHARS_MIN || !mayReadPeople() ? '' : q
}

const statuses: Record<Tab, readonly Ticket['status'][]> = {
  mine: ['open', 'snoozed'],
  waiting: ['pending', 'bot'],
  open: ['open', 'snoozed'],
  closed: ['closed', 'rating'],
}

/** Whether the tab holds tickets that may have been put aside. */
export const holdsSnoozed = (name: Tab): boolean => statuses[name].includes('snoozed')
const shownStatuses = (name: Tab): readonly Ticket['status'][] => {
  if (!holdsSnoozed(name) || snoozeFilter() === 'all') return statuses[name]
  return snoozeFilter() === 'snoozed' ? ['snoozed'] : statuses[name].filter(status => status !== 'snoozed')
}

export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLocaleLowerCase()

/** The same question as the server's `q`: part of the name, the number, or the ticket's number. */
export const matchesSearch = (ticket: Ticket, q: string): boolean => {
  const words = fold(q.trim())
  if (words === '') return true
  const digits = words.replace(/\D/g, '')
  const phone = ticket.contact.phone ?? ''
  return (
    fold(contactName(ticket.contact)).includes(words) ||
    (digits !== '' && (phone.includes(digits) || String(ticket.number) === digits))
  )
}

/** What the list asks the server, and what a row must be to stay in it. */
export const listSpec = (): ListSpec => {
  const [now, q, queueId, sessionId, userId] = [
    tab(),
    settledSearch(),
    queueFilter(),
    sessionFilter(),
    me().id,
  ]
  const shown = shownStatuses(now)
  return {
    query: {
      status: shown.join(','),
      ...(now === 'mine' ? { userId: 'me' } : {}),
      ...(q.trim() ? { q: q.trim() } : {}),
      ...(queueId ? { queueId } : {}),
      ...(sessionId ? { sessionId } : {}),
      ...(now === 'waiting' && oldestFirst() ? { sort: 'oldest' as const } : {}),
    },
    holds: ticket =>
      shown.includes(ticket.status) &&
      (now !== 'mine' || ticket.user?.id === userId) &&
      (queueId === '' || (ticket.queue?.id ?? 'none') === queueId) &&
      (sessionId === '' || ticket.session.id === sessionId) &&
      matchesSearch(ticket, q),
  }
}

/** Changes when the list asks another question. */
export const listKey = () =>
  [
    tab(),
    queueFilter(),
    sessionFilter(),
    settledSearch(),
    tab() === 'waiting' && oldestFirst(),
    shownStatuses(tab()).join(','),
  ].join('|')
