import { SimulatorFault } from './fault.ts'

/** What one session sent, oldest first, bounded; readable by cursor and by id. */
export type Sent = {
  readonly messageId: string
  readonly ref: string
  readonly to: string
  readonly kind: string
  readonly body: string
  readonly at: string
  readonly quotedId?: string
  readonly media?: {
    readonly mime: string
    readonly size?: number
    readonly name?: string
    readonly mediaId: string
  }
  /** What a place, cards, choices or a template are made of. */
  readonly details?: unknown
  /** The message that is reacted to, edited or revoked. */
  readonly target?: string
  readonly emoji?: string
}
export type Shown = Omit<Sent, 'ref'>

export const SENT_MAX = 10_000

export const createSentLog = () => {
  /** Numbered from 1; `log[0]` is number `forgotten + 1`. */
  let log: Sent[] = []
  let forgotten = 0
  const byId = new Map<string, Sent>()

  const forget = () => {
    const old = log.slice(0, log.length - SENT_MAX)
    for (const { messageId } of old) byId.delete(messageId)
    log = log.slice(-SENT_MAX)
    forgotten += old.length
  }

  return {
    add(message: Sent) {
      log.push(message)
      byId.set(message.messageId, message)
      // Not at every message: cutting the head of a long array costs its length.
      if (log.length >= 2 * SENT_MAX) forget()
    },
    get: (messageId: string): Sent | undefined => byId.get(messageId),
    /** @throws SimulatorFault for a cursor that is none. */
    page(after: string | null, limit: number): { items: Shown[]; nextCursor: string | null } {
      const from = after === null ? 0 : Number(after)
      if (!Number.isSafeInteger(from) || from < 0)
        throw new SimulatorFault('invalid', 'after: not a cursor of this list')
      // Beyond the head: a cursor of an earlier life of the network. It starts again.
      const start = from > forgotten + log.length ? 0 : Math.max(from - forgotten, 0)
      const page = log.slice(start, start + limit)
      return {
        items: page.map(({ ref: _ref, ...shown }) => shown),
        nextCursor: page.length > 0 ? String(forgotten + start + page.length) : after,
      }
    },
  }
}
