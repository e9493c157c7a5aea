import { describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { jobsContract } from './contract.ts'
import { createEmbeddedJobs } from './embedded.ts'

describe('embedded jobs', () => {
  jobsContract(async log => ({
    jobs: createEmbeddedJobs({ clock: systemClock, log }),
    drop: async () => undefined,
  }))

  test('a delay longer than a timer can count is kept', async () => {
    const armed: { ms: number; task: () => void }[] = []
    const clock: Clock = {
      ...systemClock,
      after: (ms, task) => {
        armed.push({ ms, task })
        return () => undefined
      },
    }
    const jobs = createEmbeddedJobs({ clock, log: silentLog })
    const ran: string[] = []
    jobs.work(
      'q',
      { concurrency: 1, attempts: 1, backoffMs: 1 },
      async job => void ran.push(job.id) as undefined,
    )
    const days = 60 * 86_400_000
    await jobs.add('q', { id: 'far', data: {}, delayMs: days })
    let passed = 0
    for (let timer = armed.shift(); timer; timer = armed.shift()) {
      expect(ran).toEqual([])
      passed += timer.ms
      timer.task()
    }
    expect(passed).toBe(days)
    expect(ran).toEqual(['far'])
    await jobs.close()
  })

  test('once closed it takes no more', async () => {
    const jobs = createEmbeddedJobs({ clock: systemClock, log: silentLog })
    await jobs.close()
    await expect(jobs.add('q', { id: 'a', data: {} })).rejects.toThrow('closed')
  })
})
