import type { SessionLink } from '../actors/session/link.ts'
import { ticketKind } from '../actors/ticket/chart.ts'
import type { Act } from '../commands/act.ts'
import { settingsOf } from '../commands/company/settings.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { RecordedOf } from '../events/all.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { JobOutcome, RunningJob } from '../jobs/port.ts'
import { MalwareFound, MediaTooLarge } from '../media/port.ts'
import type { TakeIn, TakenIn } from '../media/take-in.ts'
import { MEDIA_BYTES_MAX } from '../shared/media-limits.ts'
import { failPoint } from '../shared/fail-point.ts'
import { createSender, type OwnedSession, type SenderTools } from './send.ts'

/** How long a message's media is asked for, while the channel does not give it, before that is said. */
const MEDIA_ATTEMPTS_MAX = 5
/** Nobody knows any more where the file is: the person was erased. */
const GONE = 'erased'

/** How the reason begins for which a customer's file is withheld; the UI knows it. */
const MALWARE_FOUND = 'malware-found'

export type WorkTools = SenderTools & {
  readonly takeIn: TakeIn
  /** Bytes of one file that this installation takes in, whatever a company chose. Default: `MEDIA_BYTES_MAX`. */
  readonly mediaBytesMax?: number
  /** The number for which a pairing code was requested, once. Absent: there is no channel that is linked by a code. */
  pairingPhone?(sessionId: string, request: string): Promise<string | null>
}
type Owned = OwnedSession & {
  readonly link: Pick<
    SessionLink,
    'send' | 'state' | 'markRead' | 'fetchMedia' | 'requestPairingCode' | 'retryNow'
  >
}

/** What a session's jobs do: send, mark as read on the customer's phone, fetch media, ask for a pairing code, connect now. */
export const createSessionWork = (session: Owned, tools: WorkTools) => {
  const send = createSender(session, tools)
  const { companyId, sessionId, link } = session
  const { reads, door, log, mediaBytesMax = MEDIA_BYTES_MAX } = tools
  const who: SystemPrincipal = { kind: 'system', companyId, actor: { kind: 'channel', id: sessionId } }

  const stateOf: Act['state'] = (kind, id, freshMs) =>
    tools.directory.state(kind, { company: companyId, id }, freshMs)

  const markRead = async (ticketId: string, conversationId: string, revision: number): Promise<void> => {
    const ids = await reads.unseenBefore(companyId, ticketId, revision)
    const chat = await reads.addresses(companyId, conversationId)
    if (chat && ids.length > 0) await link.markRead(chat, ids)
  }

  /** Rung twice, or rung for what was done meanwhile: the log knows. */
  const isWaiting = async (ticketId: string, messageId: string): Promise<boolean> => {
    const { state } = await tools.directory.state(ticketKind, { company: companyId, id: ticketId })
    return state.context.unfetched.includes(messageId)
  }

  /** The sweep names the fact that made the message; where it could not be opened then, its file came in a later one. */
  const fileOf = async (ticketId: string, { type, data }: Content): Promise<AwaitedFile> => {
    const sealed = type === 'message.received' && data.kind === 'undecryptable'
    const told = sealed ? await reads.message(companyId, ticketId, data.messageId) : null
    const personal = told?.personal ?? data.personal
    const media = told?.media ?? data.media
    const sealedAddress = personal && 'mediaAddress' in personal ? personal.mediaAddress : undefined
    return {
      media,
      name: (personal && 'mediaName' in personal ? personal.mediaName : null) ?? null,
      // Facts from before it was sealed say it openly.
      address: sealedAddress ?? media?.providerMediaId,
    }
  }

  const fetchMedia = async (job: RunningJob, ticketId: string, revision: number): Promise<JobOutcome> => {
    const fact = await reads.fact(companyId, ticketId, revision)
    if (fact?.type !== 'message.received' && fact?.type !== 'message.deciphered') return undefined
    if (!(await isWaiting(ticketId, fact.data.messageId))) return undefined
    const file = await fileOf(ticketId, fact)
    // The sweep rings again once it is; waiting here would use up the attempts.
    if (link.state() !== 'connected') return undefined
    const { inboundMediaBytesMax } = await settingsOf({
      principal: who,
      state: stateOf,
      tools: { mediaBytesMax },
    })
    const tried = { link, takeIn: tools.takeIn, limit: inboundMediaBytesMax }
    const fetched = await fetchOnce(tried, companyId, file)
    if (fetched.outcome === 'failed' && !fetched.final && job.attempt < MEDIA_ATTEMPTS_MAX)
      throw new Error(fetched.reason)
    const { messageId } = fact.data
    const sentAt = fact.type === 'message.received' ? fact.data.sentAt : fact.data.at
    await record(door, who, { place: { type: 'ticket', id: ticketId }, messageId, sentAt, fetched })
    return undefined
  }

  /** Somebody looks at the screen and asks again: it is not tried again by itself. */
  const requestPairingCode = async (request: string): Promise<JobOutcome> => {
    try {
      const phone = await tools.pairingPhone?.(sessionId, request)
      if (!phone) log.info({ sessionId }, 'another code was asked for since')
      else if (!(await link.requestPairingCode(phone)))
        log.info({ sessionId }, 'no longer linking; no code asked for')
    } catch (err) {
      log.warn({ sessionId, err }, 'the channel gave no pairing code')
    }
    return undefined
  }

  return async (job: RunningJob): Promise<JobOutcome> => {
    const { kind, ticketId, conversationId, revision, request } = job.data
    if (kind === 'pairing-code') return requestPairingCode(String(request))
    if (kind === 'retry') {
      if (!link.retryNow()) log.info({ sessionId }, 'no pause to cut short')
      return undefined
    }
    if (typeof ticketId !== 'string') throw new Error(`job ${job.id} names no ticket`)
    if (kind === 'send') {
      failPoint('send.job-taken')
      const outcome = await send({ ticketId, conversationId: String(conversationId) })
      failPoint('send.job-done')
      return outcome
    }
    if (kind === 'media') return fetchMedia(job, ticketId, Number(revision))
    if (kind === 'read') await markRead(ticketId, String(conversationId), Number(revision))
    else log.error({ job: job.id, kind }, 'a job of an unknown kind')
    return undefined
  }
}

type Content = RecordedOf<'message.received' | 'message.deciphered'>
type AwaitedFile = {
  readonly media: Content['data']['media']
  readonly name: string | null
  /** By which the channel gives it; absent once the person was erased. */
  readonly address: string | undefined
}

type Fetched =
  | ({ outcome: 'stored' } & TakenIn)
  | { outcome: 'too-large'; mime: string; size?: number }
  | { outcome: 'failed'; reason: string; final?: true }

/** A file that is said to be over the limit is not asked for; one that turns out to be is cut off there. */
const fetchOnce = async (
  { link, takeIn, limit }: { link: Pick<SessionLink, 'fetchMedia'>; takeIn: TakeIn; limit: number },
  companyId: string,
  { media, name, address }: AwaitedFile,
): Promise<Fetched> => {
  const mime = media?.mime ?? 'application/octet-stream'
  const tooLarge = (size: number | undefined): Fetched =>
    size === undefined ? { outcome: 'too-large', mime } : { outcome: 'too-large', mime, size }
  if (address === undefined) return { outcome: 'failed', reason: GONE, final: true }
  if (media?.size !== undefined && media.size > limit) return tooLarge(media.size)
  let told: number | undefined
  try {
    const given = await link.fetchMedia(address, limit)
    told = given.size
    const file = { declared: mime, name, limit, strict: false }
    return { outcome: 'stored', ...(await takeIn(companyId, given.bytes, file)) }
  } catch (error) {
    // What was cut off is larger than was said, by nobody knows how much.
    if (error instanceof MediaTooLarge) return tooLarge(error.size ?? over(told, limit))
    // Asked for again it would be the same; the thread and the log say why it is not there.
    if (error instanceof MalwareFound)
      return { outcome: 'failed', reason: `${MALWARE_FOUND}: ${error.found}`, final: true }
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** A size that is believed: one that says it is within the limit was not true. */
const over = (size: number | undefined, limit: number): number | undefined =>
  size !== undefined && size > limit ? size : undefined

type Outcome = {
  readonly place: { readonly type: 'ticket'; readonly id: string }
  readonly messageId: string
  readonly sentAt: string
  readonly fetched: Fetched
}
const record = async (door: Door, who: SystemPrincipal, outcome: Outcome): Promise<void> => {
  const { messageId } = outcome
  // Keyed by the message: what a crash repeats is recorded once.
  const options = {
    key: `media:${messageId}`,
    correlationId: messageId,
    causationId: messageId,
    rule: 'fetch-media',
  }
  const answer = await door.ask(who, 'message.recordMedia', outcome, options)
  if (isRefusal(answer)) throw new Error(`the media of ${messageId} was not recorded: ${answer.refused}`)
}
