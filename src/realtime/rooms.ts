import type { UserPrincipal } from '../events/principal.ts'
import type { TicketPlace } from '../projections/read-models.ts'

/**
 * The rooms of the socket server. Their names are spelled here and nowhere else; each begins with its tenant, so that
 * no room of one company can ever be meant by another.
 */
declare const brand: unique symbol
export type Room = string & { readonly [brand]: true }

const room = (companyId: string, ...parts: readonly string[]): Room => [companyId, ...parts].join(':') as Room

export const rooms = {
  /** One person's own sockets, whatever they may see: for being told, and for being put out. */
  login: (companyId: string, userId: string) => room(companyId, 'login', userId),
  /** Everybody who knows the company's contacts and sessions. */
  everyone: (companyId: string) => room(companyId, 'everyone'),
  /** Who may connect sessions: QR codes. */
  admins: (companyId: string) => room(companyId, 'admins'),
  /** Who sees every ticket. */
  all: (companyId: string) => room(companyId, 'tickets'),
  /** The tickets that someone owns. */
  own: (companyId: string, userId: string) => room(companyId, 'own', userId),
  /** Every ticket of a queue. */
  queue: (companyId: string, queueId: string) => room(companyId, 'queue', queueId),
  /** The tickets of a queue that wait for somebody. */
  waiting: (companyId: string, queueId: string) => room(companyId, 'waiting', queueId),
  /** Tickets without a queue. */
  unrouted: (companyId: string) => room(companyId, 'unrouted'),
  /** Who has the ticket open on screen. */
  viewers: (companyId: string, ticketId: string) => room(companyId, 'viewers', ticketId),
} as const

type Role = UserPrincipal['role']

const ROOMS_OF: { readonly [R in Role]: (who: UserPrincipal) => Room[] } = {
  'super-admin': who => [rooms.all(who.companyId), rooms.admins(who.companyId)],
  admin: who => [rooms.all(who.companyId), rooms.admins(who.companyId)],
  auditor: who => [rooms.all(who.companyId)],
  supervisor: who => [
    rooms.own(who.companyId, who.userId),
    rooms.unrouted(who.companyId),
    ...who.queueIds.map(id => rooms.queue(who.companyId, id)),
  ],
  agent: who => [
    rooms.own(who.companyId, who.userId),
    ...who.queueIds.map(id => rooms.waiting(who.companyId, id)),
  ],
  analyst: () => [],
}

/** The rooms that a person's rights open. Analysts read nobody's words, so they are told nothing. */
export const roomsOf = (who: UserPrincipal): Room[] => [
  rooms.login(who.companyId, who.userId),
  ...(who.role === 'analyst' ? [] : [rooms.everyone(who.companyId)]),
  ...ROOMS_OF[who.role](who),
]

/** The rooms in which a ticket is seen: the same rule as the SQL of the read models, seen from the ticket. */
export const roomsOfTicket = ({ companyId, status, queueId, userId }: TicketPlace): Room[] => [
  rooms.all(companyId),
  ...(userId ? [rooms.own(companyId, userId)] : []),
  ...(queueId ? [rooms.queue(companyId, queueId)] : [rooms.unrouted(companyId)]),
  ...(queueId && (status === 'pending' || status === 'bot') ? [rooms.waiting(companyId, queueId)] : []),
]
