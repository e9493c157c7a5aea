/** Rows of red, green, blue and opacity, a byte each. */
export type Pixels = {
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
}

const WHITE = 255

/**
 * A picture made small enough that no side is longer than `sideMax`; a small one stays as it is. Each pixel is the mean of
 * the area that it stands for, parts of pixels counted as parts. What shows through becomes white: a JPEG would make it black.
 */
export const shrinkPixels = (picture: Pixels, sideMax: number): Pixels => {
  const { data, width: w, height: h } = picture
  const scale = Math.min(1, sideMax / Math.max(w, h))
  const [width, height] = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))]
  const small = new Uint8ClampedArray(width * height * 4)
  for (let y = 0, to = 0; y < height; y++) {
    const [top, bottom] = [(y * h) / height, Math.min(h, ((y + 1) * h) / height)]
    for (let x = 0; x < width; x++, to += 4) {
      const [left, right] = [(x * w) / width, Math.min(w, ((x + 1) * w) / width)]
      let [red, green, blue, area] = [0, 0, 0, 0]
      for (let row = Math.floor(top); row < bottom; row++) {
        const share = Math.min(row + 1, bottom) - Math.max(row, top)
        for (let column = Math.floor(left); column < right; column++) {
          const weight = share * (Math.min(column + 1, right) - Math.max(column, left))
          const from = (row * w + column) * 4
          const opacity = data[from + 3]! / 255
          const paper = WHITE * (1 - opacity)
          red += weight * (data[from]! * opacity + paper)
          green += weight * (data[from + 1]! * opacity + paper)
          blue += weight * (data[from + 2]! * opacity + paper)
          area += weight
        }
      }
      small[to] = red / area
      small[to + 1] = green / area
      small[to + 2] = blue / area
      small[to + 3] = 255
    }
  }
  return { data: small, width, height }
}
