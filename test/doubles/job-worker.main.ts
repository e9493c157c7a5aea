import { openBullJobs } from '../../src/jobs/bullmq.ts'
import { silentLog } from '../../src/shared/log.ts'

/** A process that takes one job and never finishes it: `tsx job-worker.main.ts <redis url> <prefix> <queue> <lock ms>`. */
const [redisUrl = '', prefix = '', queue = '', lockMs = '1000'] = process.argv.slice(2)

const jobs = await openBullJobs({ redisUrl, prefix, log: silentLog, lockMs: Number(lockMs) })
jobs.work(queue, { concurrency: 1, attempts: 1, backoffMs: 1 }, job => {
  process.stdout.write(`${job.id}\n`)
  return new Promise(() => undefined)
})
