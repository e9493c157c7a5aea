import type { HistoryEntry, Ticket } from '../../api/index.ts'
import { contactName } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { queues, users } from '../../stores/directory.ts'

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''
const userName = (id: unknown): string => users.items.find(user => user.id === id)?.name ?? t('someone')

/** What a session hands in, but a customer did. */
const customers = [
  'message.received',
  'message.deciphered',
  'message.edited',
  'message.revoked',
  'message.reacted',
]

/** Who did it, as a reader would name them. */
export const actorName = (entry: HistoryEntry, ticket: Ticket | undefined): string => {
  if (entry.actor.kind === 'channel' && customers.includes(entry.type)) {
    // In a group the author is a member, whom the ticket does not name.
    return ticket && !ticket.isGroup ? contactName(ticket.contact) : t('actor.contact')
  }
  if (entry.actor.name) return entry.actor.name
  if (entry.actor.kind === 'user') return userName(entry.actor.id)
  if (entry.actor.kind === 'contact') return ticket ? contactName(ticket.contact) : t('actor.contact')
  return maybeT(`actor.${entry.actor.kind}`) ?? entry.actor.kind
}

const personal = (entry: HistoryEntry): Record<string, unknown> => {
  const part = entry.data['personal']
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? part : {}
}

/** What was said, where the fact says it. */
export const bodyOf = (entry: HistoryEntry): string => text(personal(entry)['body'] ?? entry.data['body'])

/** One fact as one sentence. A type that is younger than this screen is named as it is. */
export const sentence = (entry: HistoryEntry, ticket: Ticket | undefined): string => {
  const data = entry.data
  const reason = text(data['reason'])
  const queue = queues.items.find(item => item.id === data['queueId'])
  return (
    maybeT(`fact.${entry.type}`, {
      who: actorName(entry, ticket),
      user: userName(data['userId']),
      from: userName(data['fromUserId']),
      queue: queue?.name ?? t('filter.noQueue'),
      attempt: text(data['attempt']),
      number: text(data['number']),
      cause: maybeT(`cause.${text(data['by'])}`) ?? text(data['by']),
      emoji: text(personal(entry)['emoji'] ?? data['emoji']),
      reason:
        maybeT(`reason.${reason}`) ??
        maybeT(`fail.${text(data['code'])}`) ??
        maybeT(`fail.${reason}`) ??
        reason,
    }) ?? entry.type
  )
}
