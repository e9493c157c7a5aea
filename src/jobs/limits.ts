import type { Job, JobOptions } from './port.ts'

/** `backoffMs`, twice that, four times that, … after so many failures. */
export const backoff = (options: Pick<JobOptions, 'backoffMs'>, failures: number): number =>
  options.backoffMs * 2 ** Math.min(failures - 1, 20)

/** @throws Error for an id that one of the queues could not hold. */
export const checkedJob = (job: Job): Job => {
  // BullMQ takes a colon for a part of its keys.
  if (job.id === '' || job.id.includes(':'))
    throw new Error(`a job id is not empty and has no colon: ${JSON.stringify(job.id)}`)
  return job
}
