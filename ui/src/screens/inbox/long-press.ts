const LONG_MILLISECONDS = 450
const MOVED_PIXELS = 10

/** What a finger does that rests on something: opens what a mouse finds by hovering. Lets go of links and buttons. */
export const makeLongPress = (run: () => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let from = { x: 0, y: 0 }
  const stop = () => clearTimeout(timer)
  return {
    onPointerDown: (event: PointerEvent) => {
      stop()
      if (event.pointerType !== 'touch') return
      from = { x: event.clientX, y: event.clientY }
      timer = setTimeout(run, LONG_MILLISECONDS)
    },
    onPointerMove: (event: PointerEvent) => {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED_PIXELS) stop()
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    // The browser's own menu would come over ours.
    onContextMenu: (event: MouseEvent) => {
      if ((event as PointerEvent).pointerType === 'touch') event.preventDefault()
    },
  }
}
