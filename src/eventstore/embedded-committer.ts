import { APPENDS_WAITING_MAX, bytesOf, BYTES_WAITING_MAX } from './append-check.ts'
import { makePlan, type Answer, type Append, type Plan } from './embedded-plan.ts'
import type { Head } from './embedded-head.ts'
import { lastOrdinal, readHead, type Tables } from './embedded-tables.ts'
import { createRecent } from './embedded-recent.ts'
import { StoreUnavailable, type Appended, type StoredEvent } from './port.ts'

/**
 * Group commit. An fsync costs about a millisecond, whatever it carries; one for each append would cap the store at a
 * thousand appends a second. So whatever arrives while a commit is under way waits, and goes into the next one together:
 *
 *   append ─┐
 *   append ─┼─▶ waiting ──▶ plan (expected revisions, in order) ──▶ one lmdb transaction + fsync ──▶ every answer
 *   append ─┘      ▲                                                            │
 *                  └────────────────── next batch ◀─────────────────────────────┘
 *
 * Only one batch is ever in flight and nobody else writes the file, so the plan can be made from what is committed
 * plus what the batch itself has planned so far.
 */

/** Bytes of one commit: keeps the answer time of the first of a big heap bounded. */
const COMMIT_BYTES_MAX = 16 * 1024 * 1024

/** Heads kept in memory, so that a busy stream is not looked up for each append. */
const HEADS_KEPT_MAX = 50_000

type Waiting = Append & {
  readonly bytes: number
  readonly resolve: (answer: Appended) => void
  readonly reject: (error: Error) => void
}

export type Committer = {
  append(append: Append): Promise<Appended>
  /** The newest durable ordinal. */
  last(): number
  /** The event at an ordinal, if it was committed a moment ago. */
  recent(ordinal: number): StoredEvent | undefined
  /** Runs soon after a commit; once for several that follow each other closely. The returned function takes the listener away. */
  onCommit(listener: () => void): () => void
  /** Why nothing can be written any more; `null` while all is well. */
  broken(): Error | null
  /** Resolves when everything that was asked for is answered; refuses what comes later. */
  close(): Promise<void>
}

/** lmdb says why only in a second promise, which has to be listened to. */
const causeOf = async (error: unknown): Promise<unknown> => {
  const { commitError } = error as { commitError?: Promise<never> }
  return commitError ? commitError.catch((why: unknown) => why) : error
}

export const makeCommitter = (tables: Tables, epoch: string, now: () => number): Committer => {
  let last = lastOrdinal(tables)
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let pumping: Promise<void> | null = null
  let closed = false
  let broken: StoreUnavailable | null = null
  const listeners = new Set<() => void>()
  const recent = createRecent()

  /** Heads of streams written lately, as committed. */
  const heads = new Map<string, Head>()
  const headOf = (stream: string): Head | undefined => heads.get(stream) ?? readHead(tables, stream)

  /**
   * Those who follow the log hear of a commit one turn later than those who asked for it: what answers a person goes out before the read
   * models, reactions and pushes begin their work on the same thread.
   */
  let ringing = false
  const ring = (): void => {
    if (ringing) return
    ringing = true
    setImmediate(() => {
      ringing = false
      for (const listener of listeners) listener()
    })
  }

  const planBatch = (): { plan: Plan; answers: { of: Waiting; answer: Answer }[] } => {
    const plan = makePlan(tables, epoch, last, headOf)
    const answers: { of: Waiting; answer: Answer }[] = []
    const at = now()
    for (const append of waiting) {
      if (plan.bytes() > COMMIT_BYTES_MAX) break
      answers.push({ of: append, answer: plan.take(append, at) })
    }
    waiting = waiting.slice(answers.length)
    for (const { of } of answers) waitingBytes -= of.bytes
    return { plan, answers }
  }

  const commit = async (plan: Plan): Promise<void> => {
    if (plan.size() === 0) return
    // One transaction, made by lmdb's own thread without asking this one. The lock does not reach into other containers:
    // whoever else writes here has written the next ordinal, and is noticed before it is overwritten.
    if (!(await tables.log.ifNoExists(last + 1, plan.put)))
      throw new Error('another process has written to this event log')
    await tables.root.flushed
    tables.root.resetReadTxn()
    recent.add(last + 1, plan.events, plan.bytes())
    last += plan.size()
    if (heads.size > HEADS_KEPT_MAX) heads.clear()
    for (const [stream, head] of plan.heads) heads.set(stream, head)
    ring()
  }

  /**
   * After a failed write (a full disk) lmdb can damage its own memory at the next one, which ends the process. What is
   * on disk is whole: this process writes no more, reads go on, and the next one starts from what is there.
   */
  const giveUp = (cause: unknown): StoreUnavailable =>
    (broken = new StoreUnavailable('the embedded store could not write; restart when the disk is fit', {
      cause,
    }))

  const pump = async (): Promise<void> => {
    while (waiting.length > 0) {
      if (broken) {
        for (const { reject } of waiting.splice(0)) reject(broken)
        waitingBytes = 0
        break
      }
      const { plan, answers } = planBatch()
      const failure = await commit(plan).then(
        () => null,
        async (error: unknown) => giveUp(await causeOf(error)),
      )
      for (const { of, answer } of answers) {
        if (failure) of.reject(failure)
        else if (answer instanceof Error) of.reject(answer)
        else of.resolve(answer)
      }
    }
    // In the same turn as the last look at `waiting`, or an append in between would wait for a pump that has stopped.
    pumping = null
  }

  const append = (asked: Append): Promise<Appended> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new StoreUnavailable('the embedded store is closed'))
      const bytes = bytesOf(asked.texts)
      if (waiting.length >= APPENDS_WAITING_MAX || waitingBytes + bytes > BYTES_WAITING_MAX)
        return reject(new StoreUnavailable('too many appends are waiting'))
      waitingBytes += bytes
      waiting.push({ ...asked, bytes, resolve, reject })
      // One turn of the loop later, so that appends of the same turn share a commit.
      pumping ??= new Promise<void>(next => setImmediate(next)).then(pump)
    })

  return {
    append,
    last: () => last,
    recent: recent.get,
    onCommit: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    broken: () => broken,
    close: async () => {
      closed = true
      await pumping
    },
  }
}
