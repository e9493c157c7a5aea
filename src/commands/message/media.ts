import { z } from 'zod'
import { conversationKind } from '../../actors/conversation/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { answerOf } from '../act.ts'
import { command } from '../command.ts'
import { noticeFacts, tooLargeNotice } from './too-large-notice.ts'

/** What came of fetching a message's media from its channel. */
const fetched = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('stored'),
    key: z.string(),
    mime: z.string(),
    size: z.int(),
    sha256: z.string(),
    width: z.int().positive().exactOptional(),
    height: z.int().positive().exactOptional(),
  }),
  z.object({
    outcome: z.literal('too-large'),
    mime: z.string(),
    /** As far as anybody said it. */
    size: z.int().nonnegative().exactOptional(),
  }),
  z.object({ outcome: z.literal('failed'), reason: z.string() }),
])
type Fetched = z.output<typeof fetched>

const factOf = (messageId: string, outcome: Fetched): DecidedFact => {
  switch (outcome.outcome) {
    case 'stored': {
      const { outcome: _, ...media } = outcome
      return { type: 'message.mediaStored', data: { messageId, media } }
    }
    case 'too-large': {
      const { outcome: _, ...media } = outcome
      return { type: 'message.mediaStored', data: { messageId, media: { ...media, tooLarge: true } } }
    }
    case 'failed':
      return { type: 'message.mediaFailed', data: { messageId, reason: outcome.reason } }
  }
}

/**
 * The media of a message was stored, was too large, or could not be fetched. Recorded once: the first outcome counts. The
 * customer is told of what was too large in the same append, if the company wants that.
 */
export const recordMedia = command({
  name: 'message.recordMedia',
  summary: 'Record what came of fetching media',
  roles: ['system'],
  input: z.object({
    place: z.object({ type: z.enum(['ticket', 'conversation']), id: z.uuid() }),
    messageId: z.uuid(),
    /** When the customer sent it; absent: nobody is told of anything. */
    sentAt: z.iso.datetime().optional(),
    fetched,
  }),
  run: async (act, { place, messageId, sentAt, fetched: outcome }) => {
    const decide = ({ context }: { context: { unfetched: readonly string[] } }): readonly DecidedFact[] =>
      context.unfetched.includes(messageId) ? [factOf(messageId, outcome)] : []
    if (place.type === 'conversation')
      return answerOf(messageId, await act.transact(conversationKind, place.id, decide))
    const notice =
      outcome.outcome === 'too-large' && sentAt !== undefined
        ? await tooLargeNotice(act, place.id, sentAt)
        : null
    const done = await act.transact(ticketKind, place.id, (ticket, at) => {
      const facts = decide(ticket)
      return facts.length === 0 ? facts : [...facts, ...noticeFacts(ticket, notice, at)]
    })
    return answerOf(messageId, done)
  },
})
