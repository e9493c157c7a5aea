import { isAbsent, ticketKind } from '../actors/ticket/chart.ts'
import type { Directory } from '../actors/directory.ts'
import type { Job, Jobs } from '../jobs/port.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Reaction } from './runner.ts'

/** One queue per session, worked on by the node that owns it. */
export const sessionQueue = (sessionId: string): string => `session-${sessionId}`

export const sendJob = (
  id: string,
  place: { readonly companyId: string; readonly conversationId: string; readonly ticketId: string },
  delayMs = 0,
): Job => ({ id: `send-${id}`, data: { kind: 'send', ...place }, delayMs })

export const mediaJob = (
  messageId: string,
  place: { readonly companyId: string; readonly ticketId: string; readonly revision: number },
): Job => ({ id: `media-${messageId}`, data: { kind: 'media', ...place } })

/** For which number is not the queue's business. */
export const pairingCodeJob = (request: string): Job => ({
  id: `pairing-code-${request}`,
  data: { kind: 'pairing-code', request },
})

/** A lost connection is tried again now. */
export const retryJob = (sessionId: string): Job => ({ id: `retry-${sessionId}`, data: { kind: 'retry' } })

/**
 * Rings the session's queue when there is something for the channel to do. Ringing too often is harmless: the handler
 * looks at the log and finds nothing. When the queue cannot be reached the sweep rings again later.
 */
export const sessionJobs = (
  directory: Directory,
  jobs: Jobs,
  onUnreachable: (error: unknown) => void,
): Reaction[] => {
  const ring = (sessionId: string, job: Job): Promise<void> =>
    jobs.add(sessionQueue(sessionId), job).catch(onUnreachable)
  /** What is asked of a ticket here never changes; only one that was not there yet is looked at again. */
  const ticketOf = async (company: CompanyId, id: string) => {
    const { state } = await directory.state(ticketKind, { company, id }, Number.POSITIVE_INFINITY)
    return isAbsent(state)
      ? (await directory.state(ticketKind, { company, id })).state.context
      : state.context
  }
  return [
    {
      name: 'send-message',
      types: ['message.queued', 'message.actionQueued', 'message.requeued', 'message.deferred'],
      react: async ({ company, type, id }, fact) => {
        if (type !== 'ticket') return
        const { sessionId, conversationId } = await ticketOf(company, id)
        failPoint('send.before-ring')
        await ring(sessionId, sendJob(fact.id, { companyId: company, conversationId, ticketId: id }))
        failPoint('send.rung')
      },
    },
    {
      name: 'mark-read',
      types: ['ticket.seen'],
      react: async ({ company, id }, fact) => {
        const { sessionId, conversationId } = await ticketOf(company, id)
        const data = {
          kind: 'read',
          companyId: company,
          conversationId,
          ticketId: id,
          revision: fact.revision,
        }
        await ring(sessionId, { id: `read-${fact.id}`, data })
      },
    },
    {
      name: 'fetch-media',
      types: ['message.received', 'message.deciphered'],
      react: async ({ company, type, id }, fact) => {
        const { messageId, media } = fact.data as {
          messageId: string
          media?: { atChannel?: boolean; providerMediaId?: string; key?: string }
        }
        const isThere = media?.atChannel === true || media?.providerMediaId !== undefined
        if (type !== 'ticket' || !isThere || media?.key) return
        const { sessionId } = await ticketOf(company, id)
        await ring(
          sessionId,
          mediaJob(messageId, { companyId: company, ticketId: id, revision: fact.revision }),
        )
      },
    },
  ]
}
