import type { HistoryEntry, Ticket } from '../../api/index.ts'
import { contactName } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { queues, users } from '../../stores/directory.ts'

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** What a session hands in, but somebody else did. */
const handedIn = [
  'message.received',
  'message.deciphered',
  'message.edited',
  'message.revoked',
  'message.reacted',
]

/** What the facts of one ticket say about each other: who people are, and whose doing an outcome is. */
export type Cast = {
  /** User id → name. Only admins may read the list of users; whoever acted on a ticket is named in its facts. */
  readonly users: ReadonlyMap<string, string>
  /** Action id (of a reaction, change or deletion) → the user who asked for it. */
  readonly askedBy: ReadonlyMap<string, string>
  /** Ids of the messages that the company wrote, here or on its phone. */
  readonly ours: ReadonlySet<string>
}

export const castOf = (entries: readonly HistoryEntry[]): Cast => {
  const cast = {
    users: new Map<string, string>(),
    askedBy: new Map<string, string>(),
    ours: new Set<string>(),
  }
  for (const { type, actor, data } of entries) {
    if (actor.kind === 'user' && actor.name) cast.users.set(actor.id, actor.name)
    if (type === 'message.actionQueued') cast.askedBy.set(text(data['actionId']), actor.id)
    if (type === 'message.queued' || type === 'message.mirrored') cast.ours.add(text(data['messageId']))
  }
  return cast
}

const userName = (id: unknown, cast: Cast): string =>
  cast.users.get(text(id)) ?? users.items.find(user => user.id === id)?.name ?? t('someone')

/** Who did what a session handed in. In a group the author is a member, whom the ticket does not name. */
const authorName = ({ data, type }: HistoryEntry, ticket: Ticket | undefined, cast: Cast): string => {
  const actionId = text(data['actionId'])
  if (actionId) return userName(cast.askedBy.get(actionId), cast)
  const changesOurs = type !== 'message.reacted' && cast.ours.has(text(data['messageId']))
  if (data['fromMe'] === true || changesOurs) return t('actor.phone')
  return ticket && !ticket.isGroup ? contactName(ticket.contact) : t('actor.contact')
}

/** Who did it, as a reader would name them. */
export const actorName = (entry: HistoryEntry, ticket: Ticket | undefined, cast: Cast): string => {
  if (entry.actor.kind === 'channel' && handedIn.includes(entry.type)) return authorName(entry, ticket, cast)
  if (entry.actor.name) return entry.actor.name
  if (entry.actor.kind === 'user') return userName(entry.actor.id, cast)
  if (entry.actor.kind === 'contact') return ticket ? contactName(ticket.contact) : t('actor.contact')
  return maybeT(`actor.${entry.actor.kind}`) ?? entry.actor.kind
}

const personal = (entry: HistoryEntry): Record<string, unknown> => {
  const part = entry.data['personal']
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? part : {}
}

/** What was said, where the fact says it. */
export const bodyOf = (entry: HistoryEntry): string => text(personal(entry)['body'] ?? entry.data['body'])

/** Facts of one type that are told differently: an empty reaction takes back the one before. */
const variantOf = (entry: HistoryEntry): string => {
  const action = text(entry.data['action'])
  const takenBack = personal(entry)['emoji'] === '' && (action === '' || action === 'reaction')
  return takenBack ? '.takenBack' : action && `.${action}`
}

/** One fact as one sentence. A type that is younger than this screen is named as it is. */
export const sentence = (entry: HistoryEntry, ticket: Ticket | undefined, cast: Cast): string => {
  const data = entry.data
  const reason = text(data['reason'])
  const queue = queues.items.find(item => item.id === data['queueId'])
  const args = {
    who: actorName(entry, ticket, cast),
    user: userName(data['userId'], cast),
    from: userName(data['fromUserId'], cast),
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
  }
  return (
    maybeT(`fact.${entry.type}${variantOf(entry)}`, args) ?? maybeT(`fact.${entry.type}`, args) ?? entry.type
  )
}
