import { createVirtualizer } from '@tanstack/solid-virtual'
import { createEffect, createMemo, on, type Accessor } from 'solid-js'

type RowWindow = {
  /** Place of the first row that is drawn, and of the last. */
  readonly first: Accessor<number>
  readonly last: Accessor<number>
  readonly shown: Accessor<readonly string[]>
  readonly height: Accessor<number>
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
  const { ids, rowPixels } = options
  const virtual = createVirtualizer({
    get count() {
      return ids().length
    },
    getScrollElement: options.scroller,
    estimateSize: () => rowPixels,
    overscan: options.overscan,
  })
  const first = createMemo(() => virtual.getVirtualItems()[0]?.index ?? 0)
  const last = createMemo(() => virtual.getVirtualItems().at(-1)?.index ?? -1)
  const shown = createMemo(() => ids().slice(first(), last() + 1))

  // An effect: by then the list has its new height.
  createEffect(
    on(ids, (now, before) => {
      const top = virtual.scrollOffset ?? 0
      if (!before || top < rowPixels) return
      const shift = shiftOf(before, now, Math.floor(top / rowPixels)) * rowPixels
      if (shift !== 0) virtual.scrollToOffset(top + shift)
    }),
  )
  return {
    first,
    last,
    shown,
    height: () => virtual.getTotalSize(),
    show: index => virtual.scrollToIndex(index),
  }
}
