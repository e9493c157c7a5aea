import { parseRef } from '../../src/commands/message/ref.ts'
import type { Taken } from './channel.ts'
import { Violation } from './violation.ts'
import type { LogWatch } from './watch-log.ts'

/** What the network took of us, held against the log: each try once, and a second try only after a person asked for it. */
export const createLedger = (watch: LogWatch) => {
  const tries = new Map<string, number[]>()
  return {
    taken: ({ ref }: Taken): void => {
      const place = parseRef(ref)
      if (!place) throw new Violation('what is sent carries our reference', ref)
      const { messageId, attempt = 0 } = place
      const before = tries.get(messageId) ?? []
      if (before.includes(attempt)) throw new Violation('a try reaches the wire once', ref)
      if (!watch.queued().has(messageId)) throw new Violation('what is sent was queued', ref)
      if (before.length > watch.requeues(messageId))
        throw new Violation(
          'what may have been sent is not sent again by itself',
          `${ref} after ${before.join()}, asked for again ${watch.requeues(messageId)} times`,
        )
      tries.set(messageId, [...before, attempt])
    },
    tries: (messageId: string): readonly number[] => tries.get(messageId) ?? [],
  }
}
export type Ledger = ReturnType<typeof createLedger>
