import { z } from 'zod'
import type { Address, OutboundMessage, SendResult } from '../provider.ts'
import { unsupported } from '../unsupported.ts'
import { verdictOf, type Verdict } from './error-codes.ts'
import { NO_CODE, type Graph, type GraphAnswer } from '../meta/graph.ts'

const accepted = z.looseObject({ messages: z.array(z.looseObject({ id: z.string().min(1) })).min(1) })

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

/** Sends one text. Our reference travels as `biz_opaque_callback_data` and comes back with every status. */
export const sendText = async (
  graph: Graph,
  line: { phoneNumberId: string; token: string },
  message: OutboundMessage,
): Promise<{ result: SendResult; verdict: Verdict | null }> => {
  if (message.kind !== 'text') return { result: unsupported(message.kind), verdict: null }
  const recipient = recipientOf(message.to)
  if (!recipient)
    return {
      result: { outcome: 'refused', reason: 'no-address-for-this-channel', retryable: false },
      verdict: null,
    }
  const answer = await graph.post(`${encodeURIComponent(line.phoneNumberId)}/messages`, line.token, {
    messaging_product: 'whatsapp',
    ...recipient,
    type: 'text',
    text: { body: message.body, preview_url: false },
    biz_opaque_callback_data: message.ref,
    ...(message.quoted ? { context: { message_id: message.quoted.providerMessageId } } : {}),
  })
  return resultOf(answer)
}

const resultOf = (answer: GraphAnswer): { result: SendResult; verdict: Verdict | null } => {
  switch (answer.outcome) {
    case 'ok': {
      const body = accepted.safeParse(answer.body)
      const id = body.data?.messages[0]?.id
      if (id === undefined)
        return { result: { outcome: 'unknown', reason: 'accepted without a message id' }, verdict: null }
      return { result: { outcome: 'sent', providerMessageId: id }, verdict: null }
    }
    case 'unknown':
      return { result: { outcome: 'unknown', reason: answer.reason }, verdict: null }
    case 'unreached':
      return {
        result: { outcome: 'refused', reason: answer.reason, retryable: true, ...after(answer.retryAfterMs) },
        verdict: null,
      }
    case 'refused': {
      const verdict = verdictOfRefusal(answer)
      const code = answer.code === NO_CODE ? `http-${answer.status}` : String(answer.code)
      return {
        result: {
          outcome: 'refused',
          reason: verdict.reason,
          code,
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
