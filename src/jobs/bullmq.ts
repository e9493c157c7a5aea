import { DelayedError, Queue, Worker, type Job as BullJob } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Log } from '../shared/log.ts'
import { backoff, checkedJob } from './limits.ts'
import type { Job, JobData, JobOptions, JobOutcome, Jobs, JobWorker, RunningJob } from './port.ts'
import { hastyRedis, patientRedis, redisReady, watchRedis } from './redis.ts'

export type BullJobsOptions = {
  readonly redisUrl: string
  readonly prefix: string
  readonly log: Log
  /** After this long without a word a worker counts as dead, and its jobs are delivered again. */
  readonly lockMs?: number
}

/** The worker decides when a job is given up (its options, not the adder's): BullMQ's own limit is out of the way. */
const ATTEMPTS_UNLIMITED = 1_000_000
const GIVE_UP = -1
const LOCK_MS = 15_000
/** Deaths of workers on one job after which the job is dropped (the sweep rings for it again). */
const DEATHS_MAX = 10
const GOODBYE_SECONDS_MAX = 3

type Handler = (job: RunningJob) => Promise<JobOutcome>

/** Braces keep all keys of a queue in one slot of a Redis cluster. */
const bullName = (queue: string): string => `{${queue}}`

/** BullMQ keeps a job's hash beside its own lists: a job called `delayed`, or a bare number, would be one of them. */
const bullId = (id: string): string => `job-${id}`
const ourId = (id: string | undefined): string => (id ?? '').slice('job-'.length)

const bullJob = (job: Job) => ({
  name: 'ring',
  data: job.data,
  opts: {
    jobId: bullId(checkedJob(job).id),
    ...(job.delayMs ? { delay: job.delayMs } : {}),
    attempts: ATTEMPTS_UNLIMITED,
    backoff: { type: 'worker' },
    // A finished job that stayed would swallow the next one of the same id.
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 0,
  },
})

/** Runs the handler as BullMQ wants it: an error is logged here whole, and Redis gets to hold nothing of it. */
const processor =
  (queue: string, options: JobOptions, handler: Handler, log: Log) =>
  async (job: BullJob<JobData>, token?: string): Promise<void> => {
    const attempt = job.attemptsStarted
    let outcome: JobOutcome
    try {
      outcome = await handler({ id: ourId(job.id), data: job.data, attempt })
    } catch (error) {
      const last = job.attemptsMade + 1 >= options.attempts
      const line = { err: error, queue, job: ourId(job.id), attempt }
      if (last) log.error(line, 'a job was given up')
      else log.warn(line, 'a job failed and is tried again')
      throw new Error('see the log', { cause: error })
    }
    if (!outcome) return
    await job.moveToDelayed(Date.now() + outcome.againInMs, token)
    throw new DelayedError()
  }

const within = async (ms: number, task: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => (timer = setTimeout(() => resolve(false), ms)))
  try {
    return await Promise.race([task.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The shared connection of all workers, remembering the copies that BullMQ makes of it: one for each worker, to block
 * on. A worker that is closed while Redis goes away waits for its copy's good-bye for ever unless somebody cuts it.
 */
const rememberCopies = (
  consumer: Redis,
): { during<T>(task: () => T): { result: T; copies: readonly Redis[] } } => {
  const duplicate = consumer.duplicate.bind(consumer)
  let made: Redis[] = []
  consumer.duplicate = override => {
    const copy = duplicate(override)
    made.push(copy)
    return copy
  }
  return {
    during: task => {
      made = []
      return { result: task(), copies: made }
    },
  }
}

/** Finishes what runs, then says good-bye, for no longer than reasonable when nobody is there to hear it. */
const stopWorker = async (
  worker: Worker,
  copies: readonly Redis[],
  running: ReadonlySet<Promise<void>>,
  away: boolean,
): Promise<void> => {
  const closing = worker.close(away)
  await Promise.allSettled(running)
  if (await within(GOODBYE_SECONDS_MAX * 1000, closing)) return
  for (const copy of copies) copy.disconnect()
  await within(GOODBYE_SECONDS_MAX * 1000, closing)
}

/** Job queues on Redis (BullMQ). @throws Error in plain words when there is no Redis at the address. */
export const openBullJobs = async ({
  redisUrl,
  prefix,
  log,
  lockMs = LOCK_MS,
}: BullJobsOptions): Promise<Jobs> => {
  const producer = hastyRedis(redisUrl)
  const consumer = patientRedis(redisUrl)
  const memory = rememberCopies(consumer)
  const watch = watchRedis(producer, log, 'jobs')
  // The producer's outages are logged; the consumer has the same ones.
  consumer.on('error', () => undefined)
  try {
    await redisReady(producer, redisUrl)
  } catch (error) {
    producer.disconnect()
    consumer.disconnect()
    throw error
  }
  const queues = new Map<string, Queue>()
  const workers = new Set<() => Promise<void>>()

  const queueOf = (name: string): Queue => {
    if (producer.status !== 'ready') throw new Error('Redis is away')
    const known = queues.get(name)
    if (known) return known
    const queue = new Queue(bullName(name), {
      connection: producer,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    })
    queue.on('error', () => undefined)
    queues.set(name, queue)
    return queue
  }
  const work = (name: string, options: JobOptions, handler: Handler): JobWorker => {
    const running = new Set<Promise<void>>()
    const handle = processor(name, options, handler, log)
    const { result: worker, copies } = memory.during(
      () =>
        new Worker<JobData>(
          bullName(name),
          (job, token) => {
            const done = handle(job, token).finally(() => running.delete(done))
            running.add(done)
            return done
          },
          {
            connection: consumer,
            prefix,
            concurrency: options.concurrency,
            lockDuration: lockMs,
            stalledInterval: lockMs,
            maxStalledCount: DEATHS_MAX,
            settings: {
              backoffStrategy: failures =>
                failures >= options.attempts ? GIVE_UP : backoff(options, failures),
            },
          },
        ),
    )
    worker.on('error', error => log.warn({ err: error, queue: name }, 'a job worker had an error'))
    let stopping: Promise<void> | null = null
    const stop = (): Promise<void> => {
      workers.delete(stop)
      return (stopping ??= stopWorker(worker, copies, running, consumer.status !== 'ready'))
    }
    workers.add(stop)
    return {
      // It waits until what runs is finished in Redis too.
      pause: () => worker.pause(),
      resume: () => worker.resume(),
      stop,
    }
  }
  return {
    name: 'bullmq',
    add: async (queue, job) => {
      const { name, data, opts } = bullJob(job)
      await queueOf(queue).add(name, data, opts)
    },
    addAll: async (queue, jobs) => {
      if (jobs.length > 0) await queueOf(queue).addBulk(jobs.map(bullJob))
    },
    remove: async (queue, id) => {
      const job = await queueOf(queue).getJob(bullId(id))
      if (!job) return false
      return job.remove().then(
        () => true,
        // It is locked by a worker that runs it.
        () => false,
      )
    },
    work,
    depth: async queue => {
      const counts = await queueOf(queue).getJobCounts('wait', 'delayed', 'active', 'prioritized')
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    onReconnect: listener => watch.onReconnect(listener),
    close: async () => {
      await Promise.all([...workers].map(stop => stop()))
      await Promise.all([...queues.values()].map(queue => queue.close()))
      producer.disconnect()
      consumer.disconnect()
    },
  }
}
