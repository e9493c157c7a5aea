import type { SessionLink } from '../actors/session/link.ts'
import { ticketKind } from '../actors/ticket/chart.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { RecordedOf } from '../events/all.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { JobOutcome, RunningJob } from '../jobs/port.ts'
import { MalwareFound, MediaTooLarge } from '../media/port.ts'
import type { TakeIn, TakenIn } from '../media/take-in.ts'
import { failPoint } from '../shared/fail-point.ts'
import { createSender, type OwnedSession, type SenderTools } from './send.ts'

/** Bytes of inbound media that are kept; larger ones are shown as too large (BEHAVIOUR: 100 MiB). */
export const INBOUND_MEDIA_BYTES_MAX = 100 * 1024 * 1024
/** How long a message's media is asked for, while the channel does not give it, before that is said. */
const MEDIA_ATTEMPTS_MAX = 5
/** Nobody knows any more where the file is: the person was erased. */
const GONE = 'erased'

/** How the reason begins for which a customer's file is withheld; the UI knows it. */
const MALWARE_FOUND = 'malware-found'

export type WorkTools = SenderTools & { readonly takeIn: TakeIn }
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
  const { reads, door, log } = tools
  const who: SystemPrincipal = { kind: 'system', companyId, actor: { kind: 'channel', id: sessionId } }

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
    const fetched = await fetchOnce({ link, takeIn: tools.takeIn }, companyId, file)
    if (fetched.outcome === 'failed' && !fetched.final && job.attempt < MEDIA_ATTEMPTS_MAX)
      throw new Error(fetched.reason)
    await record(door, who, { type: 'ticket', id: ticketId }, fact.data.messageId, fetched)
    return undefined
  }

  /** Somebody looks at the screen and asks again: it is not tried again by itself. */
  const requestPairingCode = async (phone: string): Promise<JobOutcome> => {
    try {
      if (!(await link.requestPairingCode(phone)))
        log.info({ sessionId }, 'no longer linking; no code asked for')
    } catch (err) {
      log.warn({ sessionId, err }, 'the channel gave no pairing code')
    }
    return undefined
  }

  return async (job: RunningJob): Promise<JobOutcome> => {
    const { kind, ticketId, conversationId, revision, phone } = job.data
    if (kind === 'pairing-code') return requestPairingCode(String(phone))
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
  | { outcome: 'too-large'; mime: string }
  | { outcome: 'failed'; reason: string; final?: true }

const fetchOnce = async (
  { link, takeIn }: { link: Pick<SessionLink, 'fetchMedia'>; takeIn: TakeIn },
  companyId: string,
  { media, name, address }: AwaitedFile,
): Promise<Fetched> => {
  const mime = media?.mime ?? 'application/octet-stream'
  if (address === undefined) return { outcome: 'failed', reason: GONE, final: true }
  try {
    const given = await link.fetchMedia(address)
    const file = { declared: mime, name, limit: INBOUND_MEDIA_BYTES_MAX, strict: false }
    return { outcome: 'stored', ...(await takeIn(companyId, given.bytes, file)) }
  } catch (error) {
    if (error instanceof MediaTooLarge) return { outcome: 'too-large', mime }
    // Asked for again it would be the same; the thread and the log say why it is not there.
    if (error instanceof MalwareFound)
      return { outcome: 'failed', reason: `${MALWARE_FOUND}: ${error.found}`, final: true }
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

const record = async (
  door: Door,
  who: SystemPrincipal,
  place: { type: 'ticket'; id: string },
  messageId: string,
  fetched: Fetched,
): Promise<void> => {
  // Keyed by the message: what a crash repeats is recorded once.
  const options = {
    key: `media:${messageId}`,
    correlationId: messageId,
    causationId: messageId,
    rule: 'fetch-media',
  }
  const answer = await door.ask(who, 'message.recordMedia', { place, messageId, fetched }, options)
  if (isRefusal(answer)) throw new Error(`the media of ${messageId} was not recorded: ${answer.refused}`)
}
