import { z } from 'zod'
import type { Address, OutboundMedia, OutboundMessage, SendResult } from '../provider.ts'
import { mediaOf } from '../media-of.ts'
import { unsupported } from '../unsupported.ts'
import { NO_CODE, type Graph, type GraphAnswer } from '../meta/graph.ts'
import { verdictOf, type Verdict } from './error-codes.ts'
import { messageBody, type PlaceNames } from './message-body.ts'

const accepted = z.looseObject({ messages: z.array(z.looseObject({ id: z.string().min(1) })).min(1) })
const uploaded = z.looseObject({ id: z.coerce.string().min(1) })

export type Line = { readonly phoneNumberId: string; readonly token: string }
/** `verdict`: what Meta said beyond this one message. */
export type Sent = { readonly result: SendResult; readonly verdict: Verdict | null }

/**
 * Whom a message is for, in Meta's words: a phone number in `to`, a business-scoped user id in `recipient` (in `to` Meta
 * answers 200 and delivers to nobody), a group in `to` with its own recipient type. Phone first, as Meta recommends.
 */
export const recipientOf = (addresses: readonly Address[]): object | null => {
  const find = (kind: Address['kind']) => addresses.find(a => a.kind === kind)?.value
  const group = find('group')
  if (group !== undefined) return { recipient_type: 'group', to: group }
  const phone = find('phone')
  if (phone !== undefined) return { recipient_type: 'individual', to: phone }
  const bsuid = find('bsuid')
  return bsuid === undefined ? null : { recipient_type: 'individual', recipient: bsuid }
}

/**
 * Sends one message; its file is uploaded first, and until that is done nothing was said to anybody. Our reference
 * travels as `biz_opaque_callback_data` and comes back with every status.
 */
export const sendMessage = async (
  graph: Graph,
  line: Line,
  message: OutboundMessage,
  placeNames: PlaceNames,
): Promise<Sent> => {
  if (message.kind === 'edit' || message.kind === 'revoke') return silent(unsupported(message.kind))
  const recipient = recipientOf(message.to)
  if (!recipient)
    return silent({ outcome: 'refused', reason: 'no-address-for-this-channel', retryable: false })
  const carried = mediaOf(message)
  const file = carried ? await upload(graph, line, carried.media) : { mediaId: '' }
  if ('result' in file) return file
  const answer = await graph.post(`${encodeURIComponent(line.phoneNumberId)}/messages`, line.token, {
    messaging_product: 'whatsapp',
    ...recipient,
    ...messageBody(message, file.mediaId, placeNames),
    biz_opaque_callback_data: message.ref,
    ...(message.quoted && message.kind !== 'reaction'
      ? { context: { message_id: message.quoted.providerMessageId } }
      : {}),
  })
  return resultOf(answer)
}

const silent = (result: SendResult): Sent => ({ result, verdict: null })

const UPLOAD_LOST: SendResult = {
  outcome: 'refused',
  reason: 'the file was not uploaded',
  code: 'media-upload-failed',
  retryable: true,
}

/** An upload says nothing to the customer: whatever became of it, it may be tried again. */
const upload = async (graph: Graph, line: Line, file: OutboundMedia): Promise<{ mediaId: string } | Sent> => {
  let answer: GraphAnswer
  try {
    answer = await graph.upload(`${encodeURIComponent(line.phoneNumberId)}/media`, line.token, {
      fields: { messaging_product: 'whatsapp', type: file.mime },
      field: 'file',
      file,
    })
  } catch {
    return silent({
      outcome: 'refused',
      reason: 'the file cannot be read',
      code: 'media-unreadable',
      retryable: true,
    })
  }
  if (answer.outcome === 'unknown') return silent(UPLOAD_LOST)
  if (answer.outcome !== 'ok') return resultOf(answer)
  const id = uploaded.safeParse(answer.body).data?.id
  return id === undefined ? silent(UPLOAD_LOST) : { mediaId: id }
}

const resultOf = (answer: GraphAnswer): Sent => {
  switch (answer.outcome) {
    case 'ok': {
      const id = accepted.safeParse(answer.body).data?.messages[0]?.id
      if (id === undefined) return silent({ outcome: 'unknown', reason: 'accepted without a message id' })
      return silent({ outcome: 'sent', providerMessageId: id })
    }
    case 'unknown':
      return silent({ outcome: 'unknown', reason: answer.reason })
    case 'unreached':
      return silent({
        outcome: 'refused',
        reason: answer.reason,
        retryable: true,
        ...after(answer.retryAfterMs),
      })
    case 'refused': {
      const verdict = verdictOfRefusal(answer)
      const code = answer.code === NO_CODE ? `http-${answer.status}` : String(answer.code)
      return {
        result: {
          outcome: 'refused',
          reason: verdict.reason,
          code: verdict.code ?? code,
          retryable: verdict.retryable,
          ...(verdict.retryable ? after(answer.retryAfterMs ?? verdict.retryAfterMs) : {}),
        },
        verdict,
      }
    }
  }
}

const after = (ms: number | undefined) => (ms === undefined ? {} : { retryAfterMs: ms })

/** Meta's code decides; the HTTP status only where a proxy or gateway answered without one. */
export const verdictOfRefusal = (answer: Extract<GraphAnswer, { outcome: 'refused' }>): Verdict => {
  if (answer.code !== NO_CODE) return verdictOf(answer.code)
  if (answer.status === 401) return verdictOf(190)
  if (answer.status === 429) return verdictOf(130429)
  return { reason: `http-${answer.status}`, retryable: false }
}
