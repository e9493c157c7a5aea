import type { EventType } from '../events/all.ts'

/** Said aloud of a fact that no client is told of. */
const ignored = null

/** How a fact is told: as a ticket's event, as a message's, and so on. `null`: not at all. */
export type Told =
  | { readonly as: 'ticket'; readonly action: 'create' | 'update' }
  | { readonly as: 'message'; readonly action: 'create' | 'update' | 'delete' }
  | { readonly as: 'ack' }
  | { readonly as: 'contact'; readonly action: 'create' | 'update' }
  | { readonly as: 'session'; readonly action: 'update' | 'remove' }
  | { readonly as: 'rights' }
  | { readonly as: 'deactivated' }

const ticket = { as: 'ticket', action: 'update' } as const
const ack = { as: 'ack' } as const
const message = { as: 'message', action: 'update' } as const
const contact = { as: 'contact', action: 'update' } as const
const session = { as: 'session', action: 'update' } as const

export const WHAT_TO_TELL: { readonly [T in EventType]: Told | null } = {
  'company.created': ignored,
  'company.ticketNumbersReserved': ignored,
  'company.settingsChanged': ignored,
  'user.created': ignored,
  'user.changed': { as: 'rights' },
  'user.passwordChanged': ignored,
  'user.deactivated': { as: 'deactivated' },
  'user.reactivated': ignored,
  'user.uploadRefused': ignored,
  'queue.created': ignored,
  'queue.changed': ignored,
  'queue.removed': ignored,
  'deadLetter.recorded': ignored,
  'deadLetter.retried': ignored,
  'deadLetter.dropped': ignored,
  'deadLetter.erased': ignored,
  'alias.claimed': ignored,
  'alias.released': ignored,
  'contact.created': { as: 'contact', action: 'create' },
  'contact.aliasAdded': contact,
  'contact.renamed': contact,
  'contact.changed': contact,
  'contact.blocked': contact,
  'contact.unblocked': contact,
  'contact.merged': contact,
  'contact.mergeCompleted': ignored,
  'contact.unmerged': contact,
  'contact.absorbed': contact,
  'contact.parted': contact,
  'contact.erased': contact,
  'contact.erasureCompleted': contact,
  'session.created': session,
  'session.changed': session,
  'session.startRequested': session,
  'session.owned': ignored,
  'session.awaitingScan': session,
  'session.syncing': session,
  'session.connected': session,
  'session.disconnected': session,
  'session.chatBegun': ignored,
  'session.gapRecorded': ignored,
  'session.stopped': session,
  'session.loggedOut': session,
  'session.replaced': session,
  'session.restricted': session,
  'session.failed': session,
  'session.removed': { as: 'session', action: 'remove' },
  'conversation.started': ignored,
  'conversation.addressesChanged': ignored,
  'conversation.ticketClaimed': ignored,
  'conversation.ticketReleased': ignored,
  'conversation.messagesRemembered': ignored,
  'conversation.redirected': ignored,
  'conversation.contactReplaced': ignored,
  'conversation.absorbed': ignored,
  'conversation.restored': ignored,
  'conversation.parted': ignored,
  'conversation.claimDropped': ignored,
  'ticket.opened': { as: 'ticket', action: 'create' },
  'ticket.accepted': ticket,
  'ticket.returned': ticket,
  'ticket.takenOver': ticket,
  'ticket.queueChanged': ticket,
  'ticket.closed': ticket,
  'ticket.reopened': ticket,
  'ticket.snoozed': ticket,
  'ticket.woken': ticket,
  'ticket.parted': ignored,
  'ticket.seen': ticket,
  'audit.headsListed': ignored,
  'audit.rootSigned': ignored,
  'message.received': { as: 'message', action: 'create' },
  'message.mirrored': { as: 'message', action: 'create' },
  'message.queued': { as: 'message', action: 'create' },
  'message.actionQueued': message,
  'message.actionFailed': message,
  'message.sending': ack,
  'message.sent': ack,
  'message.delivered': ack,
  'message.read': ack,
  'message.played': ack,
  'message.failed': ack,
  'message.deferred': ack,
  'message.outcomeUnknown': ack,
  'message.requeued': ack,
  'message.mediaStored': message,
  'message.mediaFailed': message,
  'message.deciphered': message,
  'message.reacted': message,
  'message.edited': message,
  'message.revoked': { as: 'message', action: 'delete' },
}
