import { expect, test } from 'vitest'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { untilCaughtUp } from './caught-up.ts'

/** As if every pause were over at once. */
const clock = { ...systemClock, after: (_: number, task: () => void) => systemClock.after(0, task) }
const never = new AbortController().signal

test('a log and a database that are away for a while are waited for', async () => {
  const asked: string[] = []
  const away = (what: string, times: number): boolean => {
    asked.push(what)
    return asked.filter(each => each === what).length <= times
  }
  await untilCaughtUp({
    head: async () => {
      if (away('head', 2)) throw new Error('the log is away')
      return 'p7'
    },
    stale: async head => {
      expect(head).toBe('p7')
      if (away('rows', 1)) throw new Error('the database is away')
      return away('stale', 1)
    },
    clock,
    log: silentLog,
  })(never)
  expect(asked).toEqual(['head', 'head', 'head', 'rows', 'rows', 'stale', 'rows', 'stale'])
})

test('whoever is stopped meanwhile waits no longer', async () => {
  const stop = new AbortController()
  await untilCaughtUp({
    head: async () => {
      stop.abort()
      throw new Error('the log is away')
    },
    stale: async () => true,
    clock,
    log: silentLog,
  })(stop.signal)
  expect(stop.signal.aborted).toBe(true)
})
