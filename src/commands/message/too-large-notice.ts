import { isLive, ticketKind, type TicketState } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import type { Act } from '../act.ts'
import { settingsOf } from '../company/settings.ts'
import { limitsOf, type ChannelLimits } from './channel-limits.ts'
import { limitsRefusal, queuedFact, recipientRefusal, type Draft } from './send.ts'

/** Who sent a file longer ago is not told: chats of before a number was linked are taken over years later. */
const TOLD_HOURS_MAX = 24
const KIB = 1024

const WORDS = {
  'pt-BR': (max: string) =>
    `O arquivo que você enviou tem mais de ${max} e por isso não chegou até nós. Envie um arquivo menor, por favor.`,
  en: (max: string) =>
    `The file that you sent is over ${max}, so it did not reach us. Please send a smaller one.`,
  es: (max: string) =>
    `El archivo que enviaste supera ${max} y por eso no nos llegó. Envía uno más pequeño, por favor.`,
} as const
const wordsIn = (locale: string): keyof typeof WORDS =>
  locale === 'en' || locale === 'es' ? locale : 'pt-BR'

/** `16 MB`, `0,5 MB`: as the customer's language writes it, and as phones count. */
const megabytes = (bytes: number, locale: string): string =>
  `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(bytes / KIB / KIB)} MB`

/** What tells a customer that a file was over the limit. Pure. */
export const tooLargeWords = (locale: string, bytesMax: number): string => {
  const known = wordsIn(locale)
  return WORDS[known](megabytes(bytesMax, known))
}

export type Notice = { readonly draft: Draft; readonly limits: ChannelLimits; readonly sentAt: string }

/** The message for a ticket's customer, if the company has it told and there is one person to tell. */
export const tooLargeNotice = async (act: Act, ticketId: string, sentAt: string): Promise<Notice | null> => {
  const { tellTooLarge, locale, inboundMediaBytesMax } = await settingsOf(act)
  if (!tellTooLarge) return null
  const { state: ticket } = await act.state(ticketKind, ticketId)
  const { isGroup, sessionId, conversationId } = ticket.context
  if (isGroup || (await recipientRefusal(act, ticket))) return null
  const content = { kind: 'text', body: tooLargeWords(locale, inboundMediaBytesMax) } as const
  const draft: Draft = { messageId: act.idFor('too-large notice'), content }
  return { draft, sentAt, limits: await limitsOf(act, sessionId, conversationId) }
}

/** Pure: the notice as a fact, in the append that says what came of the file: told once, or never. */
export const noticeFacts = (
  ticket: TicketState,
  notice: Notice | null,
  at: string,
): readonly DecidedFact[] => {
  if (!notice || !isLive(ticket)) return []
  const { draft, limits, sentAt } = notice
  if (Date.parse(at) - Date.parse(sentAt) > TOLD_HOURS_MAX * 3_600_000) return []
  // A channel that takes nothing now is told nothing later.
  if (limitsRefusal(limits, draft, at)) return []
  return [queuedFact(draft, { contactId: ticket.context.contactId, userId: null }, at)]
}
