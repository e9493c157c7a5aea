import { conversationKind } from '../actors/conversation/chart.ts'
import type { Directory } from '../actors/directory.ts'
import { sessionKind } from '../actors/session/chart.ts'
import { reachedAnybody, ticketKind, type TicketState, type Unsent } from '../actors/ticket/chart.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import { lastInboundOf } from '../commands/message/channel-limits.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import { pacingOf, profileOf } from '../events/pacing.ts'
import type { Clock } from '../shared/clock.ts'
import { createPacer, type Pacer, type SentLately, type Turn } from './pacer.ts'

/** Shorter waits are nobody's concern: no fact is written for them. */
const TOLD_MS_MIN = 5_000
/** How far off a time may be that was told, before another is. */
const TOLD_MS_OFF = 30_000
/** Whoever waits looks again so often: the setting may have changed, or the link may be older. */
const LOOK_AGAIN_MS = 30_000

/** Settings may be so old; what we recorded ourselves is never. */
const SESSION_FRESH_MS = 2_000
const isEmpty = (map: object): boolean => Object.keys(map).length === 0

type Tools = {
  readonly door: Door
  readonly directory: Directory
  readonly clock: Clock
  random(): number
}
type Paced = { readonly companyId: Parameters<Directory['state']>[1]['company']; readonly sessionId: string }
/** What outlasts an owner of its pace: what the one before said, and what this one is to say. */
export type PaceKept = { readonly before: SentLately | null; sent: readonly number[] }
type Found = { readonly ticketId: string; readonly unsent: Unsent }

/**
 * The pacing of one session that this node owns. `null`: the message goes now, and if it begins a chat with a stranger
 * that was recorded; otherwise it waits so long. A wait that somebody would wonder about is a fact before it is waited.
 */
export const createPacing = (
  session: Paced & { readonly fence: string; readonly pace?: PaceKept },
  who: SystemPrincipal,
  tools: Tools,
) => {
  const { door, directory, clock } = tools
  const { companyId: company, sessionId, fence } = session
  const ownedAt = clock.now()
  let pacer: Pacer | null = null
  const stateOf: Parameters<typeof lastInboundOf>[0] = (kind, id) =>
    directory.state(kind, { company, id }, Number.POSITIVE_INFINITY)

  /** Nobody there ever wrote to us, nor had anything from us. */
  const isStranger = async (ticket: TicketState, conversationId: string): Promise<boolean> => {
    const { isGroup, received } = ticket.context
    if (isGroup || !isEmpty(received) || reachedAnybody(ticket)) return false
    const { context } = (await stateOf(conversationKind, conversationId)).state
    if (context.ordinal > 1 || !isEmpty(context.received)) return false
    return (await lastInboundOf(stateOf, conversationId)) === null
  }

  const tell = async (ticketId: string, { messageId, held, notBefore }: Unsent, turn: Turn) => {
    if (turn.go || turn.at - clock.now() < TOLD_MS_MIN) return
    const told = held === turn.by && notBefore !== null ? Date.parse(notBefore) : Number.NEGATIVE_INFINITY
    if (Math.abs(turn.at - told) < TOLD_MS_OFF) return
    const result = { outcome: 'held', by: turn.by, until: new Date(turn.at).toISOString() }
    const options = { correlationId: messageId, causationId: messageId, rule: 'session-pacing' }
    const answer = await door.ask(who, 'message.recordOutcome', { ticketId, messageId, result }, options)
    if (isRefusal(answer)) throw new Error(`${messageId} could not be held back: ${answer.refused}`)
  }

  const begin = async (conversationId: string, messageId: string): Promise<void> => {
    const options = { correlationId: messageId, causationId: messageId, rule: 'session-pacing' }
    const input = { id: sessionId, fence: Number(fence), conversationId, messageId }
    const answer = await door.ask(who, 'session.beginChat', input, options)
    if (isRefusal(answer)) throw new Error(`the chat of ${messageId} was not begun: ${answer.refused}`)
  }

  return async ({ ticketId, unsent }: Found, conversationId: string): Promise<number | null> => {
    const { state } = await directory.state(sessionKind, { company, id: sessionId }, SESSION_FRESH_MS)
    const { provider, settings, linkedAt, chatsBegun } = state.context
    const profile = profileOf(pacingOf(provider, settings))
    if (!profile) return null
    // Linked since it is ours: nobody before us sent anything.
    pacer ??= createPacer(
      linkedAt !== null && Date.parse(linkedAt) < ownedAt ? ownedAt : null,
      session.pace?.before ?? null,
    )
    const { state: ticket } = await stateOf(ticketKind, ticketId)
    const stranger = (await isStranger(ticket, conversationId)) ? conversationId : null
    const now = clock.now()
    const turn = pacer.ask({
      messageId: unsent.messageId,
      profile,
      stranger,
      linkedAt,
      begun: chatsBegun,
      now,
      random: tools.random(),
    })
    if (session.pace) session.pace.sent = pacer.sent() ?? []
    if (!turn.go) {
      await tell(ticketId, unsent, turn)
      return Math.min(LOOK_AGAIN_MS, Math.max(0, turn.at - clock.now()))
    }
    if (stranger && !chatsBegun.some(chat => chat.conversationId === stranger))
      await begin(stranger, unsent.messageId)
    return null
  }
}
