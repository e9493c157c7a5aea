import { expect, test, vi } from 'vitest'
import { silentLog } from '../../shared/log.ts'
import { systemClock, type Clock } from '../../shared/clock.ts'
import { createReports, REPORT_RETRY_MS } from './link-reports.ts'

/** Pauses that the test lets pass. */
const steppedClock = () => {
  const waiting: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    after: (ms, task) => {
      expect(ms).toBe(REPORT_RETRY_MS)
      waiting.push(task)
      return () => void waiting.splice(waiting.indexOf(task), 1)
    },
  }
  return { clock, waiting: () => waiting.length, pass: () => waiting.splice(0).forEach(task => task()) }
}

test('a report is told again and again until it is durable, and those behind it wait their turn', async () => {
  const { clock, waiting, pass } = steppedClock()
  const reports = createReports({ clock, log: silentLog })
  const told: string[] = []
  let failures = 3
  reports.add('connected', async () => {
    told.push('connected')
    if (failures-- > 0) throw new Error('the store is away')
  })
  reports.add('disconnected', async () => void told.push('disconnected'))
  for (let n = 0; n < 3; n++) {
    await vi.waitFor(() => expect(waiting()).toBe(1))
    pass()
  }
  await reports.told()
  expect(told).toEqual(['connected', 'connected', 'connected', 'connected', 'disconnected'])
})

test('a report that hangs is no longer waited for once it is dropped', async () => {
  const reports = createReports({ clock: steppedClock().clock, log: silentLog })
  let begun = false
  reports.add('connected', () => {
    begun = true
    return new Promise(() => undefined)
  })
  await vi.waitFor(() => expect(begun).toBe(true))
  reports.drop()
  await reports.told()
})

test('once dropped nothing is told any more: not what waits for another try, not what stands behind it', async () => {
  const { clock, waiting } = steppedClock()
  const reports = createReports({ clock, log: silentLog })
  const told: string[] = []
  reports.add('connected', async () => {
    told.push('connected')
    throw new Error('the store is away')
  })
  reports.add('disconnected', async () => void told.push('disconnected'))
  await vi.waitFor(() => expect(waiting()).toBe(1))
  reports.drop()
  await reports.told()
  reports.add('late', async () => void told.push('late'))
  await reports.told()
  expect(told).toEqual(['connected'])
})
