import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { Envelope } from './entry.ts'

/**
 * Messages that could not be opened. The phone is asked to send it again and mostly does within a second, so it is shown as
 * undecryptable only when it has not come for a while. When it comes after that, it is handed on as what the shown one says.
 */
export type Undecryptable = {
  failed(envelope: Envelope, reason: string): void
  /** It was opened after all. */
  opened(id: string): void
  /** Whether it was shown as undecryptable. */
  wasShown(id: string): boolean
  /** Shows at once what still waits, each on its own. @throws what the first that could not be shown met with */
  flush(): Promise<void>
}

/** How long the phone is given to send it again. */
export const RESEND_MS_MAX = 10_000

export const createUndecryptable = (tools: {
  readonly clock: Pick<Clock, 'after'>
  readonly log: Pick<Log, 'warn'>
  /** Ids of those that were shown before. */
  readonly shown: readonly string[]
  readonly resendMsMax: number
  /** Shows it; with the note in the same commit. */
  show(envelope: Envelope, reason: string): Promise<void>
}): Undecryptable => {
  const shown = new Set(tools.shown)
  const waiting = new Map<string, { readonly cancel: () => void; readonly show: () => Promise<void> }>()
  const take = (id: string) => {
    const found = waiting.get(id)
    waiting.delete(id)
    found?.cancel()
    return found
  }
  const hold = (id: string, show: () => Promise<void>): void => {
    const cancel = tools.clock.after(tools.resendMsMax, () => void give(id))
    waiting.set(id, { cancel, show })
  }
  /** What cannot be written down now waits once more: nobody else knows of it. */
  const give = async (id: string): Promise<void> => {
    const found = take(id)
    try {
      await found?.show()
    } catch (error) {
      tools.log.warn({ err: error }, 'what could not be opened could not be written down yet')
      if (found && !waiting.has(id)) hold(id, found.show)
    }
  }
  return {
    failed: (envelope, reason) => {
      const id = envelope.key.id
      if (!id || waiting.has(id)) return
      hold(id, async () => {
        await tools.show(envelope, reason)
        shown.add(id)
      })
    },
    opened: id => void take(id),
    wasShown: id => shown.has(id),
    flush: async () => {
      const told = await Promise.allSettled([...waiting.keys()].map(async id => take(id)?.show()))
      const failure = told.find(one => one.status === 'rejected')
      if (failure) throw failure.reason
    },
  }
}
