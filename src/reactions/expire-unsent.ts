import type { Directory } from '../actors/directory.ts'
import { ticketKind } from '../actors/ticket/chart.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { SendOutcome } from '../commands/message/sending.ts'
import { addressOf } from '../eventstore/streams.ts'
import { pause, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * Ends the waiting of messages whose session nobody runs: past their deadline they fail with `session-offline`, and one
 * that a crash left between "sending" and its outcome becomes *unknown*. A session that runs does this itself, in order.
 * Several nodes may do it at once: the ticket decides it once.
 */
export type ExpireTools = {
  readonly directory: Directory
  readonly door: Door
  readonly clock: Clock
  readonly log: Log
  unsentMessages(): Promise<readonly { stream: string; messageId: string }[]>
}

const LOOK_EVERY_MS = 30_000

const endOf = async (tools: ExpireTools, stream: string, messageId: string): Promise<SendOutcome | null> => {
  const { company, type, id } = addressOf(stream)
  if (type !== 'ticket') return null
  const { state } = await tools.directory.state(ticketKind, { company, id })
  const unsent = state.context.outbox.find(one => one.messageId === messageId)
  if (!unsent || Date.parse(unsent.deadline) > tools.clock.now()) return null
  return unsent.sending ? { outcome: 'unknown', reason: 'interrupted' } : { outcome: 'expired' }
}

/** Whether it was to be ended, and was. */
const end = async (tools: ExpireTools, stream: string, messageId: string): Promise<boolean> => {
  const result = await endOf(tools, stream, messageId)
  if (!result) return false
  const { company, id } = addressOf(stream)
  const answer = await tools.door.ask(
    { kind: 'system', companyId: company, actor: { kind: 'system', id: 'expire-unsent' } },
    'message.recordOutcome',
    { ticketId: id, messageId, result },
    { correlationId: messageId, causationId: messageId, rule: 'send-deadline' },
  )
  if (!isRefusal(answer)) return true
  tools.log.warn({ messageId, refused: answer.refused }, 'an unsent message was not ended')
  return false
}

/** Looks once; answers how many it ended. */
export const expireUnsent = async (tools: ExpireTools): Promise<number> => {
  let ended = 0
  for (const { stream, messageId } of await tools.unsentMessages())
    try {
      if (await end(tools, stream, messageId)) ended++
    } catch (err) {
      // One whose ticket cannot be asked keeps no other from it.
      tools.log.error({ stream, messageId, err }, 'an unsent message could not be ended')
    }
  return ended
}

export const expireUnsentService = (tools: ExpireTools): Service => ({
  name: 'expire-unsent',
  run: async stop => {
    while (!stop.aborted) {
      await pause(tools.clock, LOOK_EVERY_MS, stop)
      if (stop.aborted) return
      try {
        await expireUnsent(tools)
      } catch (error) {
        tools.log.warn({ room: 'reactions', err: error }, 'could not look for messages past their deadline')
      }
    }
  },
})
