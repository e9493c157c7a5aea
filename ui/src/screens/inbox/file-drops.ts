import { createSignal, onCleanup, onMount, type Accessor } from 'solid-js'

/**
 * Files that are dragged anywhere over the page are taken when they are let go: missing a small place would open the file
 * instead of Fio. Answers whether something is being dragged now.
 */
export const createFileDrops = (
  wanted: () => boolean,
  take: (files: readonly File[]) => void,
): Accessor<boolean> => {
  const [dragging, setDragging] = createSignal(false)
  // Every element on the way is entered and left; only the page as a whole counts.
  let inside = 0
  const count = (change: number) => {
    inside = Math.max(0, inside + change)
    setDragging(inside > 0)
  }
  const ours = (event: DragEvent) => wanted() && event.dataTransfer?.types.includes('Files') === true
  const enter = (event: DragEvent) => void (ours(event) && count(1))
  const leave = (event: DragEvent) => void (ours(event) && count(-1))
  const over = (event: DragEvent) => void (ours(event) && event.preventDefault())
  const drop = (event: DragEvent) => {
    if (!ours(event)) return
    event.preventDefault()
    count(-inside)
    take([...(event.dataTransfer?.files ?? [])])
  }
  const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const
  const names = Object.keys(listeners) as (keyof typeof listeners)[]
  onMount(() => names.forEach(name => document.addEventListener(name, listeners[name])))
  onCleanup(() => names.forEach(name => document.removeEventListener(name, listeners[name])))
  return dragging
}
