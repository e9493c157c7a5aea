import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { backoff, checkedJob } from './limits.ts'
import type { Job, JobOptions, JobOutcome, Jobs, RunningJob } from './port.ts'

/**
 * The job queue of a single process: in memory, because whatever must survive is in the event log and is rung for
 * again at start. Same contract as BullMQ's.
 */
const QUEUE_JOBS_MAX = 1_000_000
const TIMER_MS_MAX = 2 ** 31 - 1

type Entry = { readonly job: Job; attempt: number; failures: number }

type Worker = {
  readonly options: JobOptions
  readonly handler: (job: RunningJob) => Promise<JobOutcome>
  readonly running: Set<Promise<void>>
  stopped: boolean
  paused: boolean
}

type Queue = {
  readonly name: string
  /** In order of arrival. */
  readonly waiting: Map<string, Entry>
  /** With what takes the alarm back. */
  readonly delayed: Map<string, () => void>
  readonly running: Set<string>
  readonly workers: Set<Worker>
}

type Context = { readonly clock: Clock; readonly log: Log }

/** An alarm that also reaches beyond the 24 days of a timer. */
const alarm = (clock: Clock, ms: number, task: () => void): (() => void) => {
  let cancel: () => void = () => undefined
  const arm = (left: number): void => {
    const step = Math.min(left, TIMER_MS_MAX)
    cancel = clock.after(step, () => (left > step ? arm(left - step) : task()))
  }
  arm(ms)
  return () => cancel()
}

const wait = (context: Context, queue: Queue, entry: Entry, delayMs: number): void => {
  const { id } = entry.job
  if (delayMs <= 0) queue.waiting.set(id, entry)
  else
    queue.delayed.set(
      id,
      alarm(context.clock, delayMs, () => {
        queue.delayed.delete(id)
        queue.waiting.set(id, entry)
        pump(context, queue)
      }),
    )
}

const run = async (context: Context, queue: Queue, worker: Worker, entry: Entry): Promise<void> => {
  const { job } = entry
  const { options, handler } = worker
  entry.attempt++
  let againInMs: number | undefined
  try {
    const outcome = await handler({ id: job.id, data: job.data, attempt: entry.attempt })
    againInMs = outcome?.againInMs
  } catch (error) {
    entry.failures++
    const last = entry.failures >= options.attempts
    const line = { err: error, queue: queue.name, job: job.id, attempt: entry.attempt }
    if (last) context.log.error(line, 'a job was given up')
    else context.log.warn(line, 'a job failed and is tried again')
    againInMs = last ? undefined : backoff(options, entry.failures)
  }
  queue.running.delete(job.id)
  if (againInMs !== undefined) wait(context, queue, entry, againInMs)
}

/** Gives waiting jobs to workers with a free hand. */
const pump = (context: Context, queue: Queue): void => {
  for (const worker of queue.workers)
    while (!worker.stopped && !worker.paused && worker.running.size < worker.options.concurrency) {
      const first = queue.waiting.entries().next()
      if (first.done) return
      const [id, entry] = first.value
      queue.waiting.delete(id)
      queue.running.add(id)
      const done = run(context, queue, worker, entry).finally(() => {
        worker.running.delete(done)
        pump(context, queue)
      })
      worker.running.add(done)
    }
}

const stop = async (queue: Queue, worker: Worker): Promise<void> => {
  worker.stopped = true
  await Promise.all(worker.running)
  queue.workers.delete(worker)
}

const removeFrom = (queue: Queue, id: string): boolean => {
  queue.delayed.get(id)?.()
  return queue.delayed.delete(id) || queue.waiting.delete(id)
}

const depthOf = (queue: Queue): number => queue.waiting.size + queue.delayed.size + queue.running.size

const accept = (context: Context, queue: Queue, job: Job): void => {
  const { id } = checkedJob(job)
  if (queue.waiting.has(id) || queue.delayed.has(id) || queue.running.has(id)) return
  if (depthOf(queue) >= QUEUE_JOBS_MAX) throw new Error(`queue ${queue.name} holds ${QUEUE_JOBS_MAX} jobs`)
  wait(context, queue, { job, attempt: 0, failures: 0 }, job.delayMs ?? 0)
}

/** The job queue inside this process. */
export const createEmbeddedJobs = (context: Context): Jobs => {
  const queues = new Map<string, Queue>()
  let closed = false
  const queueOf = (name: string): Queue => {
    const known = queues.get(name)
    if (known) return known
    const queue = {
      name,
      waiting: new Map(),
      delayed: new Map(),
      running: new Set<string>(),
      workers: new Set<Worker>(),
    }
    queues.set(name, queue)
    return queue
  }
  const addAll = async (name: string, jobs: readonly Job[]): Promise<void> => {
    if (closed) throw new Error('the job queue is closed')
    const queue = queueOf(name)
    for (const job of jobs) accept(context, queue, job)
    pump(context, queue)
  }
  return {
    name: 'embedded',
    add: (queue, job) => addAll(queue, [job]),
    addAll,
    remove: async (name, id) => removeFrom(queueOf(name), id),
    work: (name, options, handler) => {
      const queue = queueOf(name)
      const worker: Worker = { options, handler, running: new Set(), stopped: false, paused: false }
      queue.workers.add(worker)
      pump(context, queue)
      return {
        pause: async () => {
          worker.paused = true
          await Promise.all(worker.running)
        },
        resume: async () => {
          worker.paused = false
          pump(context, queue)
        },
        stop: () => stop(queue, worker),
      }
    },
    depth: async name => depthOf(queueOf(name)),
    // It is never away.
    onReconnect: () => undefined,
    close: async () => {
      closed = true
      for (const queue of queues.values()) for (const cancel of queue.delayed.values()) cancel()
      const all = [...queues.values()].flatMap(queue => [...queue.workers].map(worker => stop(queue, worker)))
      await Promise.all(all)
      for (const queue of queues.values()) for (const cancel of queue.delayed.values()) cancel()
      queues.clear()
    },
  }
}
