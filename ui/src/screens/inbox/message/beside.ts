type Box = Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom' | 'width' | 'height'>

const GAP_PIXELS = 4
const EDGE_PIXELS = 8

/** Where a box of that size stands beside its anchor: below it if there is room, else above, and always in sight. */
export const beside = (
  anchor: Box,
  box: Pick<Box, 'width' | 'height'>,
  screen = { width: innerWidth, height: innerHeight },
): { left: number; top: number } => {
  const within = (at: number, size: number, whole: number) =>
    Math.max(EDGE_PIXELS, Math.min(at, whole - size - EDGE_PIXELS))
  // From a button in the right half towards the left, so that it stays near.
  const rightHalf = anchor.left + anchor.width / 2 > screen.width / 2
  const left = rightHalf ? anchor.right - box.width : anchor.left
  const below = anchor.bottom + GAP_PIXELS
  const fits = below + box.height + EDGE_PIXELS <= screen.height
  return {
    left: within(left, box.width, screen.width),
    top: within(fits ? below : anchor.top - GAP_PIXELS - box.height, box.height, screen.height),
  }
}
