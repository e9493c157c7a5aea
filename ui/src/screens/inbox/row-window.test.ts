import { createRoot, createSignal } from 'solid-js'
import { expect, test } from 'vitest'
import { createRowWindow, shiftOf } from './row-window.ts'

const tenThousand = Array.from({ length: 10_000 }, (_, at) => `t${at}`)

const scrolledList = () =>
  createRoot(() => {
    const scroller = { scrollTop: 0, clientHeight: 760 } as HTMLElement
    const [ids, setIds] = createSignal<readonly string[]>(tenThousand)
    const rows = createRowWindow({ ids, rowPixels: 76, overscan: 2, scroller: () => scroller })
    return { scroller, setIds, rows }
  })

test('of ten thousand rows only those in sight are drawn', () => {
  const { scroller, rows } = scrolledList()
  scroller.scrollTop = 76 * 500
  rows.onScroll()
  expect(rows.shown()[0]).toBe('t498')
  expect(rows.shown()).toHaveLength(14)
  expect(rows.height()).toBe(760_000)
})

test('whoever has scrolled down keeps the same rows in sight while a new one comes on top', async () => {
  const { scroller, rows, setIds } = scrolledList()
  scroller.scrollTop = 76 * 100
  rows.onScroll()
  setIds(['new', ...tenThousand])
  expect(rows.shown()[0]).toBe('t98')
  await Promise.resolve()
  expect(scroller.scrollTop).toBe(76 * 101)
})

test('a row that itself goes to the top does not take the reader along', () => {
  expect(shiftOf(['a', 'b', 'c', 'd', 'e', 'f'], ['c', 'a', 'b', 'd', 'e', 'f'], 2)).toBe(0)
  expect(shiftOf(['a', 'b', 'c', 'd'], ['x', 'y', 'a', 'b', 'c', 'd'], 1)).toBe(2)
})
