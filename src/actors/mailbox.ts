import { StoreUnavailable } from '../eventstore/port.ts'
import type { Clock } from '../shared/clock.ts'

/** Too many commands wait, for this actor or for all of them: the caller has to slow down. */
export class MailboxFull extends Error {
  constructor(stream: string, waiting: number) {
    super(`${stream}: ${waiting} commands are waiting`)
    this.name = 'MailboxFull'
  }
}

export const MAILBOX_COMMANDS_MAX = 1_000
/** In all mailboxes of a process together. */
export const WAITING_COMMANDS_MAX = 20_000
/** After this long a caller is told `StoreUnavailable`; the actor itself keeps trying to learn the outcome. */
export const COMMAND_SECONDS_MAX = 10

/** What all mailboxes of a process share: how much waits, and who is to be told when it stops. */
export type Load = {
  waiting(): number
  add(count: 1 | -1): void
  readonly max: number
  /** Tells a caller when the process stops. The returned function takes it back. */
  whenStopped(tell: () => void): () => void
}

export const createLoad = (stop: AbortSignal, max = WAITING_COMMANDS_MAX): Load => {
  let waiting = 0
  const callers = new Set<() => void>()
  stop.addEventListener(
    'abort',
    () => {
      for (const tell of callers) tell()
    },
    { once: true },
  )
  return {
    waiting: () => waiting,
    add: count => void (waiting += count),
    max,
    whenStopped: tell => {
      callers.add(tell)
      return () => void callers.delete(tell)
    },
  }
}

export type Mailbox = {
  /**
   * Queues a task; the caller waits for it, but not for ever. A task whose caller has gone before it began is dropped.
   * @throws MailboxFull | StoreUnavailable, or what the task throws
   */
  put<T>(task: () => Promise<T>): Promise<T>
  /** Nothing is at work and nothing waits. */
  idle(): boolean
  waiting(): number
}

/** The tasks of one actor, one after the other, in the order in which they came. `settled` is called after each. */
export const createMailbox = (tools: {
  readonly stream: string
  readonly clock: Clock
  readonly load: Load
  readonly stop: AbortSignal
  settled(): void
}): Mailbox => {
  const { stream, clock, load, stop } = tools
  const tasks: (() => Promise<void>)[] = []
  let working = false

  const next = (): (() => Promise<void>) | undefined => {
    const task = tasks.shift()
    if (task) load.add(-1)
    return task
  }

  const work = async (): Promise<void> => {
    working = true
    for (let task = next(); task; task = next()) await task()
    working = false
    tools.settled()
  }

  return {
    put: <T>(task: () => Promise<T>) => {
      if (stop.aborted) return Promise.reject(new StoreUnavailable(`${stream}: the server is stopping`))
      const full = tasks.length >= MAILBOX_COMMANDS_MAX || load.waiting() >= load.max
      if (full) return Promise.reject(new MailboxFull(stream, Math.max(tasks.length, load.waiting())))
      return new Promise<T>((resolve, reject) => {
        let gone = false
        const leave = (why: string) => (): void => {
          gone = true
          forget()
          reject(new StoreUnavailable(`${stream}: ${why}`))
        }
        const cancel = clock.after(
          COMMAND_SECONDS_MAX * 1000,
          leave(`no answer within ${COMMAND_SECONDS_MAX} s`),
        )
        const untold = load.whenStopped(leave('the server is stopping'))
        const forget = (): void => {
          cancel()
          untold()
        }
        tasks.push(async () => {
          if (gone) return
          try {
            resolve(await task())
          } catch (error) {
            reject(error as Error)
          } finally {
            forget()
          }
        })
        load.add(1)
        if (!working) void work()
      })
    },
    idle: () => !working && tasks.length === 0,
    waiting: () => tasks.length,
  }
}
