import { partedHop, type ConversationState, type Hop } from '../../actors/conversation/chart.ts'
import { sessionKind, type SessionState } from '../../actors/session/chart.ts'
import type { Act } from '../act.ts'
import { personOf } from '../contact/person.ts'
import type { Opening } from '../conversation/claim.ts'
import { settledState, wayFrom, type Way } from '../conversation/way.ts'
import type { InboundContent } from './inbound.ts'

type Place = { readonly conversationId: string; readonly contactId: string }

/** What becomes of a message that finds no live ticket: an earlier ticket lives again, a new one opens, or neither. */
export type Route =
  | {
      readonly route: 'reopen'
      readonly ticketId: string
      readonly queueId: string | null
      readonly userId: string | null
    }
  | { readonly route: 'new' }
  | { readonly route: 'none' }

/** Pure. `nowMs`: milliseconds since the epoch; `lastUserOnline`: whether the last agent could take it back. */
export const routeMessage = (
  conversation: ConversationState,
  message: Pick<InboundContent, 'kind' | 'fromMe' | 'chat'>,
  settings: SessionState['context']['settings'],
  nowMs: number,
  lastUserOnline: boolean,
): Route => {
  // What the company writes from its phone, and a sticker alone, open nothing.
  if (message.fromMe || message.kind === 'sticker') return { route: 'none' }
  const { last } = conversation.context
  if (!last) return { route: 'new' }
  const again = { route: 'reopen', ticketId: last.ticketId, queueId: last.queueId, userId: null } as const
  if (message.chat.group) return again
  const within = nowMs - Date.parse(last.closedAt) < settings.reopenMinutes * 60_000
  if (!within || settings.reopenPolicy === 'new') return { route: 'new' }
  if (settings.reopenPolicy === 'same-agent' && lastUserOnline) return { ...again, userId: last.userId }
  return again
}

/** The claim that a message without a live ticket makes, or `null` if it makes none. */
export const openingFor = async (
  act: Act,
  conversation: ConversationState,
  place: Place,
  message: InboundContent,
  sessionId: string,
): Promise<{ opening: Opening; reopenTicketId: string | null; hops: readonly Hop[] } | null> => {
  // What a blocked contact writes is kept, and bothers nobody.
  const person = await personOf(act, place.contactId, SETTINGS_FRESH_MS)
  if (person.state.matches({ known: 'blocked' })) return null
  const { state: session } = await act.state(sessionKind, sessionId, SETTINGS_FRESH_MS)
  const { last } = conversation.context
  const { companyId } = act.principal
  const online = last?.userId ? act.tools.isOnline(companyId, last.userId) : false
  const route = routeMessage(conversation, message, session.context.settings, act.tools.clock.now(), online)
  if (route.route === 'none') return null
  // After two people were parted the last ticket here may be the other one's.
  const isTheirs = async (contactId: string): Promise<boolean> =>
    (await personOf(act, contactId, SETTINGS_FRESH_MS)).id === person.id
  if (route.route === 'reopen' && last && (await isTheirs(last.opening.contactId))) {
    const home = await wayHome(act, last.opening)
    if (home.end.id === place.conversationId && !partedHop(conversation, home.hops))
      return {
        opening: { ...last.opening, queueId: route.queueId, userId: route.userId },
        reopenTicketId: route.ticketId,
        hops: home.hops,
      }
  }
  const [onlyQueue, ...others] = session.context.queueIds
  return {
    opening: {
      number: await act.tools.ticketNumber(companyId),
      sessionId,
      conversationId: place.conversationId,
      contactId: person.id,
      isGroup: message.chat.group,
      // With several queues the customer would choose from a menu; until then a supervisor routes it.
      queueId: onlyQueue !== undefined && others.length === 0 ? onlyQueue : null,
      userId: null,
    },
    reopenTicketId: null,
    hops: [],
  }
}

/** A ticket is opened again from one conversation only: that in which the one lives on to which it belongs. */
const wayHome = (act: Act, { conversationId }: Opening): Promise<Way> =>
  wayFrom(id => settledState(act.state, id), conversationId)

const SETTINGS_FRESH_MS = 2_000
