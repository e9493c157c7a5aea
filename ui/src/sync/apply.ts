import { batch } from 'solid-js'
import type { ServerEvents } from '../../../src/realtime/protocol.ts'
import type { Ticket } from '../api/index.ts'
import { contactName } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { me } from '../stores/auth.ts'
import { retries, scanned, typed } from '../stores/codes.ts'
import { putContact } from '../stores/contacts.ts'
import { sessions } from '../stores/directory.ts'
import { showPresence } from '../stores/presence.ts'
import { applyAck, applyMessage, readAgain, removeMessage } from '../stores/threads.ts'
import { dropTicket, putTicket, renameContact, ticketOf } from '../stores/tickets.ts'
import { customerWrote, showTyping } from '../stores/typing.ts'
import { say } from '../parts/toasts.tsx'

/** What only the line itself needs to know; everything else changes a row. */
export type LineEvent = 'ready' | 'resync'
export type RowEvent = Exclude<keyof ServerEvents, LineEvent>
type Push<E extends keyof ServerEvents> = Parameters<ServerEvents[E]>[0]
type Handlers = { readonly [E in RowEvent]: (push: Push<E>) => void }

/** Whoever had a ticket is told in words that somebody else has it now: it goes from under their hands. */
const tellTaken = (before: Ticket | undefined, push: Push<'ticket'>): void => {
  const myId = me().id
  if (before?.status !== 'open' || before.user?.id !== myId) return
  const about = { number: before.number, contact: contactName(before.contact) }
  if (push.action === 'drop')
    return say(push.takenBy ? t('taken.by', { ...about, who: push.takenBy }) : t('taken.gone', about))
  const { status, user, revision } = push.ticket
  if (status === 'open' && user && user.id !== myId && revision > before.revision)
    say(t('taken.by', { ...about, who: user.name }))
}

const onTicket = (push: Push<'ticket'>): void => {
  tellTaken(ticketOf(push.action === 'drop' ? push.id : push.ticket.id), push)
  if (push.action === 'drop') dropTicket(push.id)
  else putTicket(push.ticket)
}

/** The screen's projection of the wire: a new event of the protocol stops the compiler here. */
const handlers: Handlers = {
  ticket: onTicket,
  'ticket:update': onTicket,
  appMessage: ({ action, message, ticket }) => {
    if (ticket) putTicket(ticket)
    const ticketId = message.ticketId
    if (!ticketId) return
    if (action === 'create' && !message.fromMe) customerWrote(ticketId)
    // A deleted message stays as a marked bubble, unless the server says nothing is left of it.
    if (action === 'delete' && !message.deletedAt) removeMessage(ticketId, message.id)
    else applyMessage(ticketId, message, me().id)
  },
  'message:ack': ({ ticketId, messageId, ack, error }) => {
    if (ticketId) applyAck(ticketId, messageId, ack, error)
  },
  beside: ({ ticketId }) => readAgain(ticketId),
  contact: ({ contact }) => putContact(contact),
  'contact:update': ({ contact }) => {
    putContact(contact)
    renameContact(contact)
  },
  whatsappSession: push => {
    if (push.action === 'update') sessions.put(push.session)
    else if (push.action === 'remove') sessions.remove(push.id)
    else if (push.action === 'qr') scanned.show(push.sessionId, push)
    else if (push.action === 'pairingCode') typed.show(push.sessionId, push)
    else retries.show(push.sessionId, push)
  },
  presence: push => showPresence(push),
  typing: push => showTyping(push),
  notification: push => say(push.text),
}

export const rowEvents = Object.keys(handlers) as RowEvent[]

/** Applies what arrived together in one go: one paint, no state in between. */
export const apply = (pushes: readonly { event: RowEvent; push: unknown }[]): void =>
  batch(() => {
    for (const { event, push } of pushes) (handlers[event] as (push: unknown) => void)(push)
  })
