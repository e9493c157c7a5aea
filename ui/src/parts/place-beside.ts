const GAP_PIXELS = 6
const EDGE_PIXELS = 8

const within = (value: number, room: number): number => Math.max(EDGE_PIXELS, Math.min(value, room))

/** Puts a fixed box under its button, or above it where there is no room below; never over the window's edge. */
export const placeBeside = (box: HTMLElement, button: HTMLElement): void => {
  const at = button.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = box
  const below = at.bottom + GAP_PIXELS
  const fitsBelow = below + height <= innerHeight - EDGE_PIXELS
  const top = fitsBelow ? below : at.top - GAP_PIXELS - height
  // A button in the right half opens towards the left, so that the list stays near it.
  const left = at.left + at.width / 2 > innerWidth / 2 ? at.right - width : at.left
  box.style.top = `${within(top, innerHeight - height - EDGE_PIXELS)}px`
  box.style.left = `${within(left, innerWidth - width - EDGE_PIXELS)}px`
}
