import { isRefusal, type Door } from '../commands/define.ts'
import type { Clock } from '../shared/clock.ts'
import { newId, type CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * Looks for conversations that a crash left half claimed or half released, and has them finished without waiting for
 * the customer to write again. The read models only point; the command looks at the log and may find nothing to do.
 */
export type RepairTools = {
  readonly door: Door
  /** Resolves when the read models show everything that the log held at this moment. */
  caughtUp(stop: AbortSignal): Promise<void>
  unsettledConversations(before: string): Promise<readonly { companyId: string; conversationId: string }[]>
  readonly clock: Clock
  readonly log: Log
  /** Makes the ids under which what follows is told together. Default: fresh ones. */
  readonly correlate?: () => string
}

export const REPAIR_EVERY_MS = 30_000
/** What is younger may be work in progress. */
const REPAIR_AGE_MS_MIN = 10_000
const REPAIR_RULE = 'repair'

export const createRepair = (tools: RepairTools): Service => {
  const { door, clock, correlate = newId<string> } = tools
  const log = tools.log.child({ room: 'repair' })

  const repair = async (companyId: string, conversationId: string): Promise<void> => {
    try {
      const answer = await door.ask(
        { kind: 'system', companyId: companyId as CompanyId, actor: { kind: 'system', id: REPAIR_RULE } },
        'conversation.repair',
        { conversationId },
        { correlationId: correlate(), rule: REPAIR_RULE },
      )
      if (isRefusal(answer))
        log.warn({ companyId, conversationId, refused: answer.refused }, 'a conversation was not repaired')
      else if (!answer.duplicate) log.warn({ companyId, conversationId }, 'finished what a crash had left')
    } catch (error) {
      // One that cannot be repaired keeps nobody else from it.
      log.error({ companyId, conversationId, err: error }, 'a conversation could not be repaired')
    }
  }

  const sweep = async (stop: AbortSignal): Promise<void> => {
    try {
      const before = new Date(clock.now() - REPAIR_AGE_MS_MIN).toISOString()
      for (const { companyId, conversationId } of await tools.unsettledConversations(before)) {
        if (stop.aborted) return
        await repair(companyId, conversationId)
      }
    } catch (error) {
      log.warn({ err: error }, 'could not look for conversations to repair; looking again')
    }
  }

  const pause = (stop: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (stop.aborted) return resolve()
      const done = (): void => {
        cancel()
        stop.removeEventListener('abort', done)
        resolve()
      }
      const cancel = clock.after(REPAIR_EVERY_MS, done)
      stop.addEventListener('abort', done)
    })

  return {
    name: 'repair',
    run: async stop => {
      await tools.caughtUp(stop)
      while (!stop.aborted) {
        await sweep(stop)
        await pause(stop)
      }
    },
  }
}
