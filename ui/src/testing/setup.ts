import { vi } from 'vitest'

// jsdom has no layout and no media queries; what the screen asks of them gets a quiet answer.
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}))
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
)
// Nor does it animate: what closes is gone at once.
const computed = getComputedStyle
vi.stubGlobal('getComputedStyle', (element: Element, pseudo?: string | null) =>
  Object.defineProperty(computed(element, pseudo), 'animationName', { value: 'none', configurable: true }),
)
// Vitest gives up after a second, which a busy machine may need for one step. What is waited for comes, or the test has failed.
const WAIT_MS_MAX = 10_000
const { waitFor } = vi
vi.waitFor = (condition, options) =>
  waitFor(condition, typeof options === 'number' ? options : { timeout: WAIT_MS_MAX, ...options })
