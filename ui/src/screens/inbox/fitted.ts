const LINES_PIXELS_MAX = 168

/** As high as what is written in it, up to some lines. */
export const fitted = (area: HTMLTextAreaElement): void => {
  area.style.height = 'auto'
  area.style.height = `${Math.min(area.scrollHeight + 2, LINES_PIXELS_MAX)}px`
}
