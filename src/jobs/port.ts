/**
 * The port of the job queue: a doorbell with a memory, no more. The event log is the truth about what has to be done;
 * a job only says where to look, carries ids and no bodies, and may be rung again at any time without harm.
 */
export type JobData = { readonly [key: string]: string | number | boolean | null }

export type Job = {
  /** An id that is waiting, delayed or running is not added again; once finished it may be. No colon in it. */
  readonly id: string
  readonly data: JobData
  readonly delayMs?: number
}

export type RunningJob = {
  readonly id: string
  readonly data: JobData
  /** 1 for the first run. */
  readonly attempt: number
}

/** A handler's wish: run this job again after that time (counts as a new attempt; the id stays taken meanwhile). */
export type JobOutcome = { readonly againInMs: number } | undefined

export type JobOptions = {
  /** How many jobs of this queue run at once in this process. */
  readonly concurrency: number
  /** A handler that throws is tried again this many times in all, after `backoffMs`, `2 × backoffMs`, … */
  readonly attempts: number
  readonly backoffMs: number
}

/** Works on one queue in this process. Jobs of one worker with a concurrency of one run strictly one after the other. */
export type JobWorker = {
  /** Takes no more for now; resolves when what runs has finished. What comes meanwhile waits. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Finishes what runs and takes no more, ever. */
  stop(): Promise<void>
}

export type Jobs = {
  readonly name: 'embedded' | 'bullmq'
  /** Resolves when the queue has it. Rejects at once when the queue cannot be reached: the sweep rings again later. */
  add(queue: string, job: Job): Promise<void>
  addAll(queue: string, jobs: readonly Job[]): Promise<void>
  /** Takes a job back that waits or is delayed. `false`: it runs, or there is none. */
  remove(queue: string, id: string): Promise<boolean>
  /** Starts working on a queue in this process. */
  work(queue: string, options: JobOptions, handler: (job: RunningJob) => Promise<JobOutcome>): JobWorker
  /** Waiting, delayed and running jobs of a queue. */
  depth(queue: string): Promise<number>
  /** Called whenever the queue came back after being unreachable: time to ring for everything unfinished. */
  onReconnect(listener: () => void): void
  close(): Promise<void>
}
