import { backoff, checkedJob } from '../../src/jobs/limits.ts'
import type { Job, JobOptions, JobOutcome, Jobs, RunningJob } from '../../src/jobs/port.ts'
import type { Line } from './line.ts'
import type { Life, Scheduler } from './scheduler.ts'

/**
 * A job queue outside the nodes, as Redis is: one job runs at one worker, until that one is silent for so long that the
 * job is taken to be stalled and given to another, although the first may only be slow. It may lose everything.
 */
const STALLED_MS = 30_000
const STALLED_LOOK_MS = 15_000
const WAITING_LOOK_MS = 1_000

type Entry = { readonly job: Job; attempt: number; failures: number; token: number }
type Worker = {
  readonly life: Life
  readonly options: JobOptions
  readonly handler: (job: RunningJob) => Promise<JobOutcome>
  readonly running: Set<Entry>
  stopped: boolean
  idle: (() => void) | null
}
type Queue = {
  readonly known: Map<string, Entry>
  readonly waiting: Entry[]
  readonly workers: Set<Worker>
}

export const createJobServer = (scheduler: Scheduler) => {
  const queues = new Map<string, Queue>()
  const looking = new Set<Queue>()
  let tokens = 0
  const queueOf = (name: string): Queue => {
    const found = queues.get(name) ?? { known: new Map(), waiting: [], workers: new Set<Worker>() }
    queues.set(name, found)
    return found
  }

  const settle = (
    queue: Queue,
    worker: Worker,
    entry: Entry,
    token: number,
    againInMs: number | undefined,
  ): void => {
    worker.running.delete(entry)
    if (worker.running.size === 0) worker.idle?.()
    // Somebody else has it meanwhile, or it was lost.
    if (entry.token === token && queue.known.get(entry.job.id) === entry) {
      entry.token = 0
      if (againInMs === undefined) queue.known.delete(entry.job.id)
      else wait(queue, entry, againInMs)
    }
    pump(queue)
  }

  const run = async (queue: Queue, worker: Worker, entry: Entry, token: number): Promise<void> => {
    const { id, data } = entry.job
    let againInMs: number | undefined
    try {
      againInMs = (await worker.handler({ id, data, attempt: entry.attempt }))?.againInMs
    } catch {
      entry.failures++
      againInMs =
        entry.failures < worker.options.attempts ? backoff(worker.options, entry.failures) : undefined
    }
    scheduler.after(1, `job ${id} is done`, worker.life, () => settle(queue, worker, entry, token, againInMs))
  }

  /** A worker that is alive says so; one that is not loses its jobs. */
  const watch = (queue: Queue, worker: Worker, entry: Entry, token: number): void => {
    let silentSince: number | null = null
    const look = (): void => {
      if (entry.token !== token) return
      if (worker.life.state === 'running') silentSince = null
      else silentSince ??= scheduler.now()
      if (silentSince === null || scheduler.now() - silentSince < STALLED_MS)
        return void scheduler.after(STALLED_LOOK_MS, 'stalled?', null, look)
      entry.token = 0
      if (queue.known.get(entry.job.id) === entry) wait(queue, entry, 0)
      pump(queue)
    }
    scheduler.after(STALLED_LOOK_MS, 'stalled?', null, look)
  }

  const wait = (queue: Queue, entry: Entry, ms: number): void => {
    const enter = (): void => {
      if (queue.known.get(entry.job.id) !== entry) return
      queue.waiting.push(entry)
      pump(queue)
    }
    if (ms <= 0) enter()
    else scheduler.after(ms, `job ${entry.job.id} is due`, null, enter)
  }

  const pump = (queue: Queue): void => {
    for (const worker of queue.workers) {
      if (worker.life.state === 'over') queue.workers.delete(worker)
      if (worker.life.state !== 'running' || worker.stopped) continue
      while (worker.running.size < worker.options.concurrency) {
        const entry = queue.waiting.shift()
        if (!entry) return
        worker.running.add(entry)
        const token = ++tokens
        entry.token = token
        entry.attempt++
        watch(queue, worker, entry, token)
        scheduler.after(1, `job ${entry.job.id}`, worker.life, () => void run(queue, worker, entry, token))
      }
    }
    lookAgain(queue)
  }

  /** A worker asks for work by itself: what came due while it was paused, it gets when it goes on. */
  const lookAgain = (queue: Queue): void => {
    if (queue.waiting.length === 0 || looking.has(queue)) return
    looking.add(queue)
    scheduler.after(WAITING_LOOK_MS, 'work?', null, () => {
      looking.delete(queue)
      pump(queue)
    })
  }

  return {
    add: (name: string, job: Job): void => {
      const { id } = checkedJob(job)
      const queue = queueOf(name)
      if (queue.known.has(id)) return
      const entry: Entry = { job, attempt: 0, failures: 0, token: 0 }
      queue.known.set(id, entry)
      wait(queue, entry, job.delayMs ?? 0)
    },
    work: (name: string, life: Life, options: JobOptions, handler: Worker['handler']) => {
      const queue = queueOf(name)
      const worker: Worker = { life, options, handler, running: new Set(), stopped: false, idle: null }
      queue.workers.add(worker)
      pump(queue)
      const idle = (): Promise<void> =>
        new Promise(resolve => {
          worker.stopped = true
          if (worker.running.size === 0) resolve()
          else worker.idle = resolve
        })
      return {
        pause: idle,
        resume: async (): Promise<void> => {
          worker.stopped = false
          pump(queue)
        },
        stop: (): Promise<void> => {
          queue.workers.delete(worker)
          return idle()
        },
      }
    },
    remove: (name: string, id: string): boolean => {
      const queue = queueOf(name)
      const entry = queue.known.get(id)
      if (!entry || entry.token !== 0) return false
      const at = queue.waiting.indexOf(entry)
      if (at >= 0) queue.waiting.splice(at, 1)
      return queue.known.delete(id)
    },
    depth: (name: string): number => queueOf(name).known.size,
    /** Restarted without its memory. */
    flush: (): void => {
      for (const queue of queues.values()) {
        queue.known.clear()
        queue.waiting.length = 0
      }
    },
  }
}
export type JobServer = ReturnType<typeof createJobServer>

/** The queue as one node reaches it. */
export const jobsOf = (server: JobServer, line: Line, life: Life): Jobs => ({
  name: 'bullmq',
  add: (queue, job) => line.ask(`ring ${job.id}`, () => server.add(queue, job)),
  addAll: (queue, jobs) =>
    line.ask(`ring for ${jobs.length}`, () => {
      for (const job of jobs) server.add(queue, job)
    }),
  work: (queue, options, handler) => server.work(queue, life, options, handler),
  remove: (queue, id) => line.ask(`take back ${id}`, () => server.remove(queue, id)),
  depth: queue => line.ask('depth', () => server.depth(queue)),
  onReconnect: () => undefined,
  close: () => Promise.resolve(),
})
