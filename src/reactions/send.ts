import { conversationKind } from '../actors/conversation/chart.ts'
import type { Directory } from '../actors/directory.ts'
import type { SessionLink } from '../actors/session/link.ts'
import { ticketKind, type Unsent } from '../actors/ticket/chart.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import { settledState, wayFrom } from '../commands/conversation/way.ts'
import { lastInboundOf } from '../commands/message/channel-limits.ts'
import type { SendOutcome } from '../commands/message/sending.ts'
import { makeRef } from '../commands/message/ref.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { JobOutcome } from '../jobs/port.ts'
import type { MediaStore } from '../media/port.ts'
import type { SendResult } from '../providers/provider.ts'
import { failPoint } from '../shared/fail-point.ts'
import { pause, type Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { ChannelReads } from './channel-reads.ts'
import { outboundContent } from './outbound-content.ts'
import { createPacing, type PaceKept } from './pacing.ts'

/**
 * Hands a conversation's oldest unsent message to the channel, then the next, until none is left or one has to wait.
 *
 *   message.sending (only the winner of this append goes on) ─▶ wire ─▶ sent | failed | deferred | outcomeUnknown
 *
 * Found already `sending`, and neither by us a moment ago nor by an owner after us, it was left there by a crash: its
 * outcome is unknown.
 */
export type SenderTools = {
  readonly door: Door
  readonly directory: Directory
  readonly reads: ChannelReads
  readonly media: Pick<MediaStore, 'get'>
  readonly clock: Clock
  /** 0 to 1: for what a pace draws. */
  random(): number
  readonly log: Log
}

export type OwnedSession = {
  readonly companyId: CompanyId
  readonly sessionId: string
  /** Revision of `session.owned`, as text. */
  readonly fence: string
  readonly link: Pick<SessionLink, 'send' | 'state'>
  /** Aborts when no further message may be started. */
  readonly stop?: AbortSignal
  readonly pace?: PaceKept
}

type Place = { readonly conversationId: string; readonly ticketId: string }
const STEPS_MAX = 1_000
const RECORD_RETRY_MS = 1_000
const NEVER = new AbortController().signal
/** What the link says before anything was written to the wire. */
const NOT_CONNECTED = 'not-connected'

export const createSender = (session: OwnedSession, tools: SenderTools) => {
  const { door, directory, reads, clock, log } = tools
  const { companyId: company, sessionId, fence, link, stop = NEVER } = session
  const who: SystemPrincipal = {
    kind: 'system',
    companyId: company,
    actor: { kind: 'channel', id: sessionId },
  }
  const paced = createPacing(session, who, tools)
  const busy = new Map<string, Promise<JobOutcome>>()
  /** Attempts whose `message.sending` got no answer: should it stand in the log after all, nothing was on the wire. */
  const unanswered = new Set<string>()
  const attemptOf = (messageId: string, attempt: number): string => `${messageId} ${attempt}`

  const stateOf: Parameters<typeof lastInboundOf>[0] = (kind, id) =>
    directory.state(kind, { company, id }, Number.POSITIVE_INFINITY)

  const oldest = async (place: Place): Promise<{ ticketId: string; unsent: Unsent } | null> => {
    const { state } = await directory.state(conversationKind, { company, id: place.conversationId })
    const ids = [state.context.last?.ticketId, state.context.live?.ticketId, place.ticketId]
    for (const ticketId of new Set(ids.filter(id => id !== undefined))) {
      const { state: ticket } = await directory.state(ticketKind, { company, id: ticketId })
      const [unsent] = ticket.context.outbox
      if (unsent) return { ticketId, unsent }
    }
    return null
  }

  /** What the wire said is known only here until it is durable: a store that is away is waited for. */
  const record = async (ticketId: string, messageId: string, result: SendOutcome): Promise<void> => {
    const options = { correlationId: messageId, causationId: messageId, rule: 'send-message' }
    for (;;) {
      const answer = await door.ask(who, 'message.recordOutcome', { ticketId, messageId, result }, options)
      if (!isRefusal(answer)) return failPoint('send.outcome-recorded')
      const away = answer.refused === 'store-unavailable' || answer.refused === 'busy'
      if (!away || stop.aborted)
        throw new Error(`the outcome of ${messageId} was not recorded: ${answer.refused}`)
      await pause(clock, RECORD_RETRY_MS, stop)
    }
  }

  const outcomeOf = (result: SendResult): SendOutcome =>
    result.outcome === 'refused' && result.reason === NOT_CONNECTED ? { ...result, offline: true } : result

  const handOver = async (place: Place, ticketId: string, unsent: Unsent): Promise<void> => {
    const { messageId, revision } = unsent
    const attempt = unsent.attempts + 1
    const [fact, to, { state: ticket }] = await Promise.all([
      reads.fact(company, ticketId, revision),
      reads.addresses(company, place.conversationId),
      directory.state(ticketKind, { company, id: ticketId }, Number.POSITIVE_INFINITY),
    ])
    const { isGroup } = ticket.context
    const content = await outboundContent(fact, { company, ticketId, isGroup }, tools)
    const quotedId = fact?.type === 'message.queued' ? fact.data.quotedMessageId : undefined
    const quoted =
      quotedId === undefined ? null : await reads.messageKey(company, ticketId, quotedId, isGroup)
    const byPerson = fact !== null && 'userId' in fact.data && fact.data.userId !== undefined
    const lastInboundAt = await lastInboundOf(stateOf, place.conversationId)
    const started = await door.ask(
      who,
      'message.startSending',
      { ticketId, messageId, fence },
      { correlationId: messageId, causationId: messageId, rule: 'send-message' },
    )
    if (isRefusal(started)) {
      if (started.refused !== 'conflict') {
        unanswered.add(attemptOf(messageId, attempt))
        throw new Error(`sending ${messageId} could not be started: ${started.refused}`)
      }
      return log.info({ messageId }, 'somebody else sends this')
    }
    if (!to) return record(ticketId, messageId, { outcome: 'refused', reason: 'erased', retryable: false })
    if ('missing' in content)
      return record(ticketId, messageId, { outcome: 'refused', reason: content.missing, retryable: false })
    failPoint('send.sending')
    const result = await link.send({
      ...content,
      ref: makeRef('ticket', ticketId, messageId, attempt),
      messageId,
      to,
      ...(quoted ? { quoted } : {}),
      ...(lastInboundAt === null ? {} : { lastInboundAt }),
      ...(byPerson ? { byPerson } : {}),
    })
    failPoint('send.after-wire')
    await record(ticketId, messageId, outcomeOf(result))
  }

  /** What became of a message that is found `sending`: nothing, if we know that it never left; otherwise who knows. */
  const leftBehind = ({ messageId, sending }: Unsent): SendOutcome => {
    const attempt = attemptOf(messageId, sending?.attempt ?? 0)
    if (sending?.fence === fence && unanswered.delete(attempt))
      return { outcome: 'refused', reason: NOT_CONNECTED, retryable: true, offline: true }
    return { outcome: 'unknown', reason: 'interrupted' }
  }

  /** One step; `again`: look at the next message. */
  const step = async (place: Place): Promise<JobOutcome | 'again'> => {
    const found = await oldest(place)
    if (!found) return undefined
    const { ticketId, unsent } = found
    if (unsent.sending) {
      // The session moved on while we were paused: a later owner has this on the wire, and tells what comes of it.
      if (Number(unsent.sending.fence) > Number(fence)) return undefined
      await record(ticketId, unsent.messageId, leftBehind(unsent))
      return 'again'
    }
    if (stop.aborted) return undefined
    if (Date.parse(unsent.deadline) <= clock.now()) {
      await record(ticketId, unsent.messageId, { outcome: 'expired' })
      return 'again'
    }
    // Whoever reconnects rings for everything that waits.
    if (link.state() !== 'connected') return undefined
    // What our own pacing held is asked about anew: the setting may have changed.
    const until = unsent.held === null ? unsent.notBefore : null
    const wait = until === null ? 0 : Date.parse(until) - clock.now()
    if (wait > 0) return { againInMs: wait }
    const turn = await paced(found, place.conversationId)
    if (turn !== null) return { againInMs: turn }
    await handOver(place, ticketId, unsent)
    return 'again'
  }

  const drain = async (place: Place): Promise<JobOutcome> => {
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const outcome = await step(place)
      if (outcome !== 'again') return outcome
    }
    return { againInMs: 0 }
  }

  /** One conversation at a time: its messages go out in order. What was asked of one that was joined is done in the other. */
  return async (asked: Place): Promise<JobOutcome> => {
    const now: typeof stateOf = (kind, id, freshMs) => directory.state(kind, { company, id }, freshMs)
    const { end } = await wayFrom(one => settledState(now, one), asked.conversationId)
    const place: Place = { ...asked, conversationId: end.id }
    const before = busy.get(place.conversationId)
    const mine = (async () => {
      await before?.catch(() => undefined)
      return drain(place)
    })()
    busy.set(place.conversationId, mine)
    try {
      return await mine
    } finally {
      if (busy.get(place.conversationId) === mine) busy.delete(place.conversationId)
    }
  }
}
