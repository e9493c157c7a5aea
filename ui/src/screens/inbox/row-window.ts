import { createComputed, createMemo, createSignal, on, onCleanup, onMount, type Accessor } from 'solid-js'

type RowWindow = {
  /** Place of the first row that is drawn, and of the last. */
  readonly first: Accessor<number>
  readonly last: Accessor<number>
  readonly shown: Accessor<readonly string[]>
  readonly height: Accessor<number>
  readonly onScroll: () => void
  readonly show: (index: number) => void
}

const ANCHORS = 5

/**
 * How far what is in sight was pushed by rows that came or went above it: the middle of the shifts of a few rows, for one
 * of them may itself have moved.
 */
export const shiftOf = (old: readonly string[], ids: readonly string[], from: number): number => {
  const shifts = old
    .slice(from, from + ANCHORS)
    .map((id, index) => [ids.indexOf(id), from + index] as const)
    .filter(([now]) => now >= 0)
    .map(([now, was]) => now - was)
    .sort((a, b) => a - b)
  return shifts[shifts.length >> 1] ?? 0
}

/**
 * Draws only the rows in sight of a long list whose rows are all equally high. Rows are kept by id, so one that moves is
 * moved, not drawn anew; whoever has scrolled down keeps seeing the same rows while others come in above.
 */
export const createRowWindow = (options: {
  ids: Accessor<readonly string[]>
  rowPixels: number
  overscan: number
  scroller: () => HTMLElement
}): RowWindow => {
  const { ids, rowPixels, overscan } = options
  const [top, setTop] = createSignal(0)
  const [room, setRoom] = createSignal(0)
  const first = createMemo(() => Math.max(0, Math.floor(top() / rowPixels) - overscan))
  const last = createMemo(
    () => Math.min(ids().length, Math.ceil((top() + room()) / rowPixels) + overscan) - 1,
  )
  const shown = createMemo(() => ids().slice(first(), last() + 1))
  const measure = () => setRoom(options.scroller().clientHeight)

  onMount(() => {
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(options.scroller())
    onCleanup(() => observer.disconnect())
  })
  createComputed(
    on(ids, (now, before) => {
      if (!before || top() < rowPixels) return
      const shift = shiftOf(before, now, Math.floor(top() / rowPixels)) * rowPixels
      if (shift === 0) return
      const to = top() + shift
      setTop(to)
      // Once the list has its new height.
      queueMicrotask(() => (options.scroller().scrollTop = to))
    }),
  )
  return {
    first,
    last,
    shown,
    height: () => ids().length * rowPixels,
    onScroll: () => setTop(options.scroller().scrollTop),
    show: index => {
      const scroller = options.scroller()
      const [from, to] = [index * rowPixels, (index + 1) * rowPixels]
      if (from < scroller.scrollTop) scroller.scrollTop = from
      else if (to > scroller.scrollTop + scroller.clientHeight)
        scroller.scrollTop = to - scroller.clientHeight
    },
  }
}
