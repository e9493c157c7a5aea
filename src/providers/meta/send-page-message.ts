import { z } from 'zod'
import { windowHoursOf } from '../../shared/writing-window.ts'
import type { OutboundMedia, OutboundMessage, SendResult } from '../provider.ts'
import { refusal, refusalBefore } from '../refusal.ts'
import { unsupported } from '../unsupported.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import { metadataOf } from './metadata.ts'
import type { PageChannel } from './page-channel.ts'
import { pageVerdictOf, type PageVerdict } from './page-errors.ts'

export type PageLine = {
  readonly graph: Graph
  readonly channel: PageChannel
  readonly token: string
  /** People answer, and may for longer than a day. */
  readonly humanAgentTag: boolean
  readonly now: () => number
}
export type Sent = { readonly result: SendResult; readonly verdict: PageVerdict | null }

const HOUR_MS = 3_600_000
const QUICK_REPLIES_MAX = 13
const QUICK_REPLY_TITLE_MAX = 20

const only = (result: SendResult): Sent => ({ result, verdict: null })

/**
 * Sends one message of an agent to a customer of a page or Instagram account. A file is uploaded first, which nobody
 * sees and may be done twice; then one request says everything, and carries our reference as `metadata`.
 */
export const sendPageMessage = async (line: PageLine, message: OutboundMessage): Promise<Sent> => {
  const { channel } = line
  const windowHours = windowHoursOf(channel.capabilities, {
    humanAgentTag: line.humanAgentTag,
    byPerson: message.byPerson === true,
  })
  const refusedBefore = refusalBefore({ ...channel.capabilities, windowHours }, message, line.now())
  if (refusedBefore) return only(refusedBefore)
  const to = message.to.find(({ kind }) => kind === 'psid')?.value
  if (to === undefined)
    return only({ outcome: 'refused', reason: 'no-address-for-this-channel', retryable: false })
  if (message.kind === 'reaction') return react(line, to, message)
  const said = await contentOf(line, message)
  if ('result' in said) return said
  const answer = await line.graph.post('me/messages', line.token, {
    recipient: { id: to },
    ...typeOf(line, message),
    message: { ...said.content, metadata: metadataOf(message.ref) },
    ...(message.quoted ? { reply_to: { mid: message.quoted.providerMessageId } } : {}),
  })
  return resultOf(answer)
}

/** Within a day of the customer's last word it is an answer; later only what a person writes may go. */
const typeOf = (line: PageLine, { lastInboundAt, byPerson }: OutboundMessage): object => {
  const { windowHours } = line.channel.capabilities
  if (!line.humanAgentTag || !byPerson || lastInboundAt === undefined || windowHours === null)
    return { messaging_type: 'RESPONSE' }
  return line.now() < Date.parse(lastInboundAt) + windowHours * HOUR_MS
    ? { messaging_type: 'RESPONSE' }
    : { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }
}

const contentOf = async (
  line: PageLine,
  message: Exclude<OutboundMessage, { kind: 'reaction' }>,
): Promise<{ readonly content: object } | Sent> => {
  switch (message.kind) {
    case 'text': {
      const over = line.channel.textRefusal(message.body)
      return over ? only(refusal('text-too-long', over)) : { content: { text: message.body } }
    }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
      return attached(line, message.kind, message.media)
    case 'interactive':
      return choicesOf(message)
    case 'contacts':
    case 'edit':
    case 'location':
    case 'revoke':
    case 'sticker':
    case 'template':
      return only(unsupported(message.kind))
  }
}

const ATTACHED_AS = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'file',
} as const
const uploaded = z.looseObject({ attachment_id: z.union([z.string().min(1), z.number()]).transform(String) })

const attached = async (
  { graph, channel, token }: PageLine,
  kind: keyof typeof ATTACHED_AS,
  file: OutboundMedia,
): Promise<{ readonly content: object } | Sent> => {
  const type = ATTACHED_AS[kind]
  const fields = {
    ...channel.uploadFields,
    message: JSON.stringify({ attachment: { type, payload: { is_reusable: true } } }),
  }
  let answer: GraphAnswer
  try {
    answer = await graph.upload('me/message_attachments', token, { fields, field: 'filedata', file })
  } catch (error) {
    return only({
      outcome: 'refused',
      reason: `the file could not be read: ${String(error)}`,
      retryable: true,
    })
  }
  // Nothing was said yet: whatever became of the upload, it may be done again.
  if (answer.outcome === 'unknown' || answer.outcome === 'unreached')
    return only({ outcome: 'refused', reason: `upload: ${answer.reason}`, retryable: true })
  const id = answer.outcome === 'ok' ? uploaded.safeParse(answer.body).data?.attachment_id : undefined
  if (answer.outcome === 'refused') {
    const sent = resultOf(answer)
    return sent.result.outcome === 'unknown'
      ? only({ outcome: 'refused', reason: `upload: ${sent.result.reason}`, retryable: true })
      : sent
  }
  if (id === undefined)
    return only({ outcome: 'refused', reason: 'upload: accepted without an id', retryable: true })
  return { content: { attachment: { type, payload: { attachment_id: id } } } }
}

/** Buttons and rows are quick replies here; the id comes back with the choice. */
const choicesOf = ({
  body,
  choices,
}: Extract<OutboundMessage, { kind: 'interactive' }>): { readonly content: object } | Sent => {
  const offered = choices.type === 'buttons' ? choices.buttons : choices.sections.flatMap(({ rows }) => rows)
  if (offered.length > QUICK_REPLIES_MAX)
    return only(refusal('too-many-choices', `this channel takes ${QUICK_REPLIES_MAX} choices`))
  return {
    content: {
      text: body,
      quick_replies: offered.map(({ id, title }) => ({
        content_type: 'text',
        title: title.slice(0, QUICK_REPLY_TITLE_MAX),
        payload: id,
      })),
    },
  }
}

const react = async (
  { graph, token }: PageLine,
  to: string,
  { target, emoji }: Extract<OutboundMessage, { kind: 'reaction' }>,
): Promise<Sent> => {
  const id = target.providerMessageId
  const answer = await graph.post('me/messages', token, {
    recipient: { id: to },
    sender_action: emoji === '' ? 'unreact' : 'react',
    payload: { message_id: id, ...(emoji === '' ? {} : { reaction: emoji }) },
  })
  // A reaction has no id of its own.
  return answer.outcome === 'ok'
    ? only({ outcome: 'sent', providerMessageId: `reaction:${id}` })
    : resultOf(answer)
}

const accepted = z.looseObject({ message_id: z.string().min(1) })

const resultOf = (answer: GraphAnswer): Sent => {
  switch (answer.outcome) {
    case 'ok': {
      const id = accepted.safeParse(answer.body).data?.message_id
      if (id === undefined) return only({ outcome: 'unknown', reason: 'accepted without a message id' })
      return only({ outcome: 'sent', providerMessageId: id })
    }
    case 'unknown':
      return only({ outcome: 'unknown', reason: answer.reason })
    case 'unreached':
      return only({
        outcome: 'refused',
        reason: answer.reason,
        retryable: true,
        ...after(answer.retryAfterMs),
      })
    case 'refused': {
      const verdict = pageVerdictOf(answer)
      if (verdict.outcome === 'unknown') return { result: verdict, verdict }
      const { reason, retryable } = verdict
      const code = verdict.code ?? codeOf(answer)
      const wait = retryable ? after(answer.retryAfterMs ?? verdict.retryAfterMs) : {}
      return { result: { outcome: 'refused', reason, code, retryable, ...wait }, verdict }
    }
  }
}

const after = (ms: number | undefined) => (ms === undefined ? {} : { retryAfterMs: ms })
const codeOf = ({ code, subcode, status }: Extract<GraphAnswer, { outcome: 'refused' }>): string =>
  code < 0 ? `http-${status}` : subcode === undefined ? String(code) : `${code}/${subcode}`
