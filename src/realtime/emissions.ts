import type { PushViews } from '../projections/read-models.ts'
import type { Batch } from './collect.ts'
import type { Emission } from './ring.ts'
import { rooms, roomsOfTicket, type Room } from './rooms.ts'
import type { ServerEvents } from './protocol.ts'

/** Where a ticket was last seen by this process's clients. */
export type LastRooms = {
  get(ticketId: string): readonly Room[] | undefined
  set(ticketId: string, rooms: readonly Room[]): void
}

type Views = {
  readonly tickets: Awaited<ReturnType<PushViews['ticketViews']>>
  readonly messages: Awaited<ReturnType<PushViews['messageViews']>>
  readonly beside: Awaited<ReturnType<PushViews['ticketsBeside']>>
  readonly contacts: Awaited<ReturnType<PushViews['contactViews']>>
  readonly sessions: Awaited<ReturnType<PushViews['sessionViews']>>
}
type PayloadOf<E extends keyof ServerEvents> = Parameters<ServerEvents[E]>[0]
type Unplaced<P> = P extends unknown ? Omit<P, 'position'> : never

/** `more`: the same fact tells the same people something else after this. */
type Draft = Omit<Emission, 'payload'> & { readonly body: object; readonly more: boolean }

const draft = <E extends keyof ServerEvents>(
  position: string,
  to: readonly Room[],
  event: E,
  body: Unplaced<PayloadOf<E>>,
  options: { except?: readonly Room[]; more?: boolean } = {},
): Draft => ({ position, to, event, body, except: options.except ?? [], more: options.more ?? false })

const load = async (views: PushViews, batch: Batch): Promise<Views> => {
  const inTickets = [...batch.messages.values()].flatMap(({ companyId, ticketId }) =>
    ticketId ? [{ companyId, id: ticketId }] : [],
  )
  const ticketKeys = new Map(
    [...batch.tickets.values(), ...inTickets].map(({ companyId, id }) => [id, { companyId, id }]),
  )
  const none = Promise.resolve(new Map<string, never>())
  const [tickets, messages, beside, contacts, sessions] = await Promise.all([
    ticketKeys.size ? views.ticketViews([...ticketKeys.values()]) : none,
    batch.messages.size ? views.messageViews([...batch.messages.values()]) : none,
    batch.beside.size ? views.ticketsBeside([...batch.beside.values()]) : none,
    batch.contacts.size ? views.contactViews([...batch.contacts.values()]) : none,
    batch.sessions.size ? views.sessionViews([...batch.sessions.values()]) : none,
  ])
  return { tickets, messages, beside, contacts, sessions }
}

const byTicket = (batch: Batch) => {
  const found = new Map<string | null, (typeof batch.messages extends Map<string, infer M> ? M : never)[]>()
  for (const message of batch.messages.values()) {
    const before = found.get(message.ticketId)
    if (before) before.push(message)
    else found.set(message.ticketId, [message])
  }
  return found
}

const ticketDrafts = (batch: Batch, views: Views, last: LastRooms): Draft[] => {
  const drafts: Draft[] = []
  const messagesOf = byTicket(batch)
  for (const [id, { place, ticket, lastMessageId }] of views.tickets) {
    const told = batch.tickets.get(id)
    const after = roomsOfTicket(place)
    const before = last.get(id)
    const messages = messagesOf.get(id) ?? []
    const acked = messages.findLast(message => message.action === 'ack' && message.id === lastMessageId)
    const moved = before !== undefined && before.join() !== after.join()
    const position = told?.position ?? (moved ? messages.at(-1)?.position : acked?.position)
    if (told || before) last.set(id, after)
    if (!position) continue
    if (told?.action === 'create') drafts.push(draft(position, after, 'ticket', { action: 'create', ticket }))
    else if (before) drafts.push(...moves(position, before, after, id, ticket))
    else if (told) {
      // Nobody here remembers who saw it: whoever does not see it now is told to forget it.
      drafts.push(draft(position, after, 'ticket', { action: 'update', ticket }))
      drafts.push(
        draft(position, [rooms.everyone(place.companyId)], 'ticket', dropOf(id, ticket), { except: after }),
      )
    } else drafts.push(draft(position, after, 'ticket:update', { action: 'update', ticket }))
  }
  return drafts
}

type TicketOf = Views['tickets'] extends ReadonlyMap<string, { ticket: infer T }> ? T : never

const dropOf = (id: string, { status, user }: TicketOf) => ({
  action: 'drop' as const,
  id,
  ...(status === 'open' && user ? { takenBy: user.name } : {}),
})

/** Who stays gets the change, who sees it for the first time the whole row, who sees it no longer a drop. */
const moves = (
  position: string,
  before: readonly Room[],
  after: readonly Room[],
  id: string,
  ticket: TicketOf,
): Draft[] => {
  const stay = after.filter(room => before.includes(room))
  const enter = after.filter(room => !before.includes(room))
  const left = before.filter(room => !after.includes(room))
  return [
    draft(position, stay, 'ticket:update', { action: 'update', ticket }),
    draft(position, enter, 'ticket', { action: 'update', ticket }, { except: stay }),
    draft(position, left, 'ticket', dropOf(id, ticket), { except: after }),
  ]
}

const messageDrafts = (batch: Batch, views: Views): Draft[] =>
  [...batch.messages.values()].flatMap(({ id, companyId, ticketId, action, position }) => {
    const view = views.messages.get(id)
    if (!view) return []
    const seenIn = ticketId ? views.tickets.get(ticketId) : undefined
    const to = seenIn ? roomsOfTicket(seenIn.place) : [rooms.all(companyId)]
    const { message } = view
    if (action !== 'ack')
      return [
        draft(
          position,
          to,
          'appMessage',
          { action, message, ticket: seenIn?.ticket ?? null },
          { more: true },
        ),
      ]
    const error = message.error ? { error: message.error } : {}
    return [
      draft(
        position,
        to,
        'message:ack',
        { messageId: id, ticketId, ack: message.ack, ...error },
        { more: true },
      ),
    ]
  })

/** A past that comes in comes by the hundred: who has it open is told once a batch, and reads it again. */
const besideDrafts = (batch: Batch, views: Views): Draft[] =>
  [...batch.beside.values()].flatMap(({ id, companyId, position }) =>
    (views.beside.get(id) ?? []).map(ticketId =>
      draft(position, [rooms.viewers(companyId, ticketId)], 'beside', { ticketId }, { more: true }),
    ),
  )

const otherDrafts = (batch: Batch, views: Views): Draft[] => [
  ...[...batch.contacts.values()].flatMap(({ id, companyId, action, position }) => {
    const contact = views.contacts.get(id)?.contact
    if (!contact) return []
    const to = [rooms.everyone(companyId)]
    return action === 'create'
      ? [draft(position, to, 'contact', { action, contact })]
      : [draft(position, to, 'contact:update', { action, contact })]
  }),
  ...[...batch.sessions.values()].flatMap(({ id, companyId, action, position }) => {
    const to = [rooms.everyone(companyId)]
    const session = views.sessions.get(id)?.session
    if (action === 'remove' || session?.status === 'removed')
      return [draft(position, to, 'whatsappSession', { action: 'remove', id })]
    return session ? [draft(position, to, 'whatsappSession', { action: 'update', session })] : []
  }),
]

/**
 * The events for a batch, in the order of the log. A client comes back with the last position that it was given, and
 * gets what came after. So where one fact tells the same people two things, the first carries the position before:
 * who was cut off between the two gets both again.
 */
export const emissionsFor = async (
  source: PushViews,
  batch: Batch,
  last: LastRooms,
  pushed: string,
): Promise<Emission[]> => {
  const views = await load(source, batch)
  const drafts = [
    ...messageDrafts(batch, views),
    ...besideDrafts(batch, views),
    ...ticketDrafts(batch, views, last),
    ...otherDrafts(batch, views),
  ]
    .filter(one => one.to.length > 0)
    .sort((a, b) =>
      a.position < b.position ? -1 : a.position > b.position ? 1 : Number(b.more) - Number(a.more),
    )
  let before = pushed
  return drafts.map(({ body, more, ...rest }, i) => {
    if (i > 0 && drafts[i - 1]!.position < rest.position) before = drafts[i - 1]!.position
    const followed = more && drafts[i + 1]?.position === rest.position
    return { ...rest, payload: { ...body, position: followed ? before : rest.position } }
  })
}
