import { expect, test, vi } from 'vitest'
import { reloadForOtherRelease } from './other-release.ts'

test('a part of another release loads the page again, once a minute at most', () => {
  sessionStorage.clear()
  const reload = vi.fn<() => void>()
  let now = 1_000_000
  reloadForOtherRelease(window, reload, () => now)
  const missing = (): Event => {
    const event = new Event('vite:preloadError', { cancelable: true })
    window.dispatchEvent(event)
    return event
  }
  expect(missing().defaultPrevented).toBe(true)
  now += 59_000
  // Let through: it is an error like any other then.
  expect(missing().defaultPrevented).toBe(false)
  expect(reload).toHaveBeenCalledTimes(1)
  now += 2_000
  missing()
  expect(reload).toHaveBeenCalledTimes(2)
})
