import { createRoot, createSignal } from 'solid-js'
import { expect, test } from 'vitest'
import { createRowWindow, shiftOf } from './row-window.ts'

const tenThousand = Array.from({ length: 10_000 }, (_, at) => `t${at}`)

const ROOM_PIXELS = 760
/** jsdom has no layout: a box that has the one size that matters and scrolls when told to. */
const box = (): HTMLElement => {
  const scroller = document.createElement('div')
  Object.defineProperty(scroller, 'offsetHeight', { value: ROOM_PIXELS })
  Object.defineProperty(scroller, 'scrollHeight', { value: 10_001 * 76 })
  Object.defineProperty(scroller, 'clientHeight', { value: ROOM_PIXELS })
  scroller.scrollTo = (({ top }: ScrollToOptions) => {
    scroller.scrollTop = top ?? 0
    scroller.dispatchEvent(new Event('scroll'))
  }) as typeof scroller.scrollTo
  return document.body.appendChild(scroller)
}

const scrolledList = () =>
  createRoot(() => {
    const scroller = box()
    const [ids, setIds] = createSignal<readonly string[]>(tenThousand)
    const rows = createRowWindow({ ids, rowPixels: 76, overscan: 2, scroller: () => scroller })
    return { scroller, setIds, rows }
  })

test('of ten thousand rows only those in sight are drawn', () => {
  const { scroller, rows } = scrolledList()
  scroller.scrollTo({ top: 76 * 500 })
  expect(rows.shown()[0]).toBe('t498')
  expect(rows.shown().length).toBeLessThan(20)
  expect(rows.height()).toBe(760_000)
})

test('whoever has scrolled down keeps the same rows in sight while a new one comes on top', () => {
  const { scroller, rows, setIds } = scrolledList()
  scroller.scrollTo({ top: 76 * 100 })
  setIds(['new', ...tenThousand])
  expect(scroller.scrollTop).toBe(76 * 101)
  expect(rows.shown()[0]).toBe('t98')
})

test('a row that itself goes to the top does not take the reader along', () => {
  expect(shiftOf(['a', 'b', 'c', 'd', 'e', 'f'], ['c', 'a', 'b', 'd', 'e', 'f'], 2)).toBe(0)
  expect(shiftOf(['a', 'b', 'c', 'd'], ['x', 'y', 'a', 'b', 'c', 'd'], 1)).toBe(2)
})
