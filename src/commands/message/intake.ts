import { createLanes, type Lanes } from '../../actors/session/link-lanes.ts'
import type { InboundItem, InboundMessage } from '../../providers/provider.ts'
import type { SystemPrincipal } from '../../events/principal.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { newId, type CompanyId } from '../../shared/ids.ts'
import type { Log } from '../../shared/log.ts'
import { addressesIn } from './addresses-in.ts'
import { isRefusal, type Answer, type Door, type Refusal, type RefusalCode } from '../define.ts'
import { messageIdOf } from './inbound-fact.ts'

/**
 * The way in for what sessions receive, by socket or by webhook: one chat strictly in order, every item durable as a
 * fact or, where it cannot be processed, as a dead letter. It rejects only while nothing can be made durable; the
 * provider then delivers again, and what was taken already is a duplicate.
 */
export type IntakeTools = {
  readonly door: Door
  readonly log: Log
  /** Makes the ids under which what follows is told together. Default: fresh ones. */
  readonly correlate?: () => string
  tenantKey(companyId: CompanyId): Promise<Buffer>
  keepRaw(companyId: string, text: string): Promise<string>
  /** Counts what came in. `status`: received, duplicate, ignored, early, unmatched, dead. */
  count(companyId: string, type: string, status: string): void
  /** Keeps what was said of a message that is not there yet. Absent: it means nothing, and goes. */
  readonly early?: {
    /** Resolves when durable; `false`: it is not kept. */
    hold(early: EarlyAction): Promise<boolean>
    /** The message is there now. */
    came(sessionId: string, providerMessageId: string): void
  }
}

/** A reaction, edit or revoke that came before its message. `id`: the same whenever it is delivered. */
export type EarlyAction = {
  readonly id: string
  readonly companyId: CompanyId
  readonly sessionId: string
  readonly item: InboundItem
}

export type Intake = {
  /** Items of one session, in the order in which they arrived. Resolves when all of them are durable. */
  take(companyId: CompanyId, sessionId: string, items: readonly InboundItem[]): Promise<void>
  /** One item that was kept as a dead letter. Answers why it cannot be processed this time either, or `null`. */
  again(companyId: CompanyId, sessionId: string, item: InboundItem): Promise<string | Refusal | null>
  /** Something that was kept for its message. Answers whether it is done with. @throws Error while nothing can be made durable */
  settle(companyId: CompanyId, sessionId: string, item: InboundItem): Promise<boolean>
  /** Something that could not even be read. */
  bury(
    companyId: CompanyId,
    sessionId: string | null,
    source: string,
    reason: string,
    payload: unknown,
  ): Promise<void>
}

/** The engine cannot make anything durable right now: deliver again later. */
class NotDurable extends Error {
  constructor(code: RefusalCode) {
    super(`not durable: ${code}`)
    this.name = 'NotDurable'
  }
}

/** Refusals that say nothing of the message: it may be delivered again. */
const PASSING: ReadonlySet<RefusalCode> = new Set(['store-unavailable', 'busy', 'newer-release'])

/** As it is when somebody tries it again; and the same text, hence the same dead letter, whenever it comes. */
export const waited = (item: InboundItem): InboundItem =>
  item.item === 'message' ? { ...item, message: { ...item.message, late: true } } : item

/** Who calls wants something: it stands in the chat like a message that cannot be shown. */
const callMessage = (call: Extract<InboundItem, { item: 'call' }>): InboundMessage => ({
  type: 'message',
  providerMessageId: `call-${call.callId}`,
  chat: call.chat,
  author: call.chat,
  sentAt: call.at,
  late: false,
  fromMe: false,
  kind: 'unsupported',
  text: `unsupported: ${call.video ? 'video call' : 'call'}`,
  raw: { callId: call.callId, video: call.video, rejected: call.rejected },
})

/** As it is quoted inside the fact: with sealing it grows by a third and still has to fit into 256 KiB. */
const PAYLOAD_BYTES_MAX = 150_000

export const createIntake = (tools: IntakeTools): Intake => {
  const { door, log, correlate = newId<string>, tenantKey, keepRaw, count } = tools
  const lanes = new Map<string, Lanes>()
  const asSession = (companyId: CompanyId, sessionId: string): SystemPrincipal => ({
    kind: 'system',
    companyId,
    actor: { kind: 'channel', id: sessionId },
  })

  const bury: Intake['bury'] = async (companyId, sessionId, source, reason, payload) => {
    const whole = JSON.stringify(payload)
    // What is too large for a fact is kept in the media store; the letter says where.
    const tooLarge = Buffer.byteLength(JSON.stringify(whole)) > PAYLOAD_BYTES_MAX
    const rawKey = tooLarge ? await keepRaw(companyId, whole) : null
    const text = rawKey === null ? whole : JSON.stringify({ rawKey })
    log.error({ companyId, sessionId, source, reason }, 'kept as a dead letter')
    const answer = await door.ask(
      sessionId
        ? asSession(companyId, sessionId)
        : { kind: 'system', companyId, actor: { kind: 'system', id: source } },
      'deadLetter.record',
      {
        source,
        reason: reason.slice(0, 2_000),
        sessionId,
        payload: text,
        addresses: addressesIn(payload),
        rawKey,
      },
      { key: `${source}:${text}`, correlationId: correlate() },
    )
    failPoint('intake.dead-letter-recorded')
    count(companyId, 'message', 'dead')
    if (isRefusal(answer)) throw new NotDurable(answer.refused)
  }

  const ask = async (
    companyId: CompanyId,
    sessionId: string,
    item: InboundItem,
  ): Promise<Answer | Refusal> => {
    const who = asSession(companyId, sessionId)
    const correlationId = correlate()
    if (item.item === 'message') {
      const messageId = messageIdOf(await tenantKey(companyId), sessionId, item.message)
      // What it says after all is another thing to take in than that it could not be opened.
      const deciphered = item.message.type === 'message' && item.message.deciphered === true
      const key = deciphered ? `${messageId}-deciphered` : messageId
      const input = { sessionId, message: item.message }
      return door.ask(who, 'message.receive', input, { key, correlationId, causationId: key })
    }
    if (item.item === 'status')
      return door.ask(who, 'message.recordStatus', { sessionId, status: item.status }, { correlationId })
    if (item.item === 'identity') {
      const input = { ...item.party, ...(item.keep ? { keep: true } : {}) }
      return door.ask(who, 'contact.identify', input, { correlationId })
    }
    if (item.item === 'watermark') {
      const input = { sessionId, watermark: item.watermark }
      return door.ask(who, 'message.recordWatermark', input, { correlationId })
    }
    if (item.item === 'gap') {
      const { from, to } = item
      return door.ask(who, 'session.recordGap', { id: sessionId, from, to }, { correlationId })
    }
    if (item.item === 'call')
      return ask(companyId, sessionId, { item: 'message', message: callMessage(item) })
    throw new Error('what is ignored is asked of nobody')
  }

  /** A reaction or status about something that we never saw has nothing to be recorded on. */
  const unmatched = (item: InboundItem, answer: Refusal): boolean =>
    answer.refused === 'not-found' &&
    (item.item === 'status' ||
      item.item === 'identity' ||
      item.item === 'gap' ||
      item.item === 'watermark' ||
      (item.item === 'message' && item.message.type !== 'message'))

  const holdEarly = async (companyId: CompanyId, sessionId: string, item: InboundItem): Promise<boolean> => {
    if (!tools.early || item.item !== 'message' || item.message.type === 'message') return false
    // The past comes in its order: what is not there then was not shared, or is not to come back.
    if (item.message.history) return false
    const id = messageIdOf(await tenantKey(companyId), sessionId, item.message)
    return tools.early.hold({ id, companyId, sessionId, item })
  }

  const settle: Intake['settle'] = async (companyId, sessionId, item) => {
    const answer = await ask(companyId, sessionId, item)
    if (!isRefusal(answer)) return true
    if (PASSING.has(answer.refused)) throw new NotDurable(answer.refused)
    if (unmatched(item, answer)) return false
    await bury(companyId, sessionId, 'intake:early', `${answer.refused}: ${answer.detail}`, item)
    return true
  }

  const takeOne = async (companyId: CompanyId, sessionId: string, item: InboundItem): Promise<void> => {
    if (item.item === 'ignored') return count(companyId, item.kind, 'ignored')
    const type = item.item === 'message' ? item.message.type : item.item
    failPoint('intake.received')
    let answer: Answer | Refusal
    try {
      answer = await ask(companyId, sessionId, item)
    } catch (error) {
      return bury(companyId, sessionId, `intake:${type}`, String(error), waited(item))
    }
    if (!isRefusal(answer)) {
      if (item.item === 'message' && item.message.type === 'message')
        tools.early?.came(sessionId, item.message.providerMessageId)
      return count(companyId, type, answer.duplicate ? 'duplicate' : 'received')
    }
    if (PASSING.has(answer.refused)) throw new NotDurable(answer.refused)
    if (unmatched(item, answer))
      return count(companyId, type, (await holdEarly(companyId, sessionId, item)) ? 'early' : 'unmatched')
    return bury(companyId, sessionId, `intake:${type}`, `${answer.refused}: ${answer.detail}`, waited(item))
  }

  /** Out of line: what it waited behind is long processed, and the log arbitrates. */
  const again: Intake['again'] = async (companyId, sessionId, item) => {
    if (item.item === 'ignored' || item.item === 'call') return null
    let answer: Answer | Refusal
    try {
      answer = await ask(companyId, sessionId, item)
    } catch (error) {
      log.error({ companyId, sessionId, err: error }, 'a dead letter could not be processed again')
      return String(error)
    }
    if (!isRefusal(answer) || unmatched(item, answer)) return null
    return PASSING.has(answer.refused) ? answer : `${answer.refused}: ${answer.detail}`
  }

  const lanesOf = (companyId: CompanyId, sessionId: string): Lanes => {
    const found = lanes.get(sessionId)
    if (found) return found
    const made = createLanes({
      receive: async batch => {
        for (const item of batch) await takeOne(companyId, sessionId, item)
      },
    })
    lanes.set(sessionId, made)
    return made
  }

  return {
    take: (companyId, sessionId, items) => lanesOf(companyId, sessionId).hand(items),
    again,
    settle,
    bury,
  }
}
