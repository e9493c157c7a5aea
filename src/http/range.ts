import type { ByteRange } from '../media/port.ts'

const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/

/**
 * The part of a file that a `Range` header asks for (RFC 9110). `whole`: there is none, or one of a kind that a server may
 * ignore (several ranges, other units). `outside`: nothing of it lies inside the file.
 */
export const rangeOf = (header: string | undefined, size: number): ByteRange | 'whole' | 'outside' => {
  const [, from, to] = ONE_RANGE.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'whole'
  if (from === '') {
    const last = Number(to)
    return last === 0 || size === 0 ? 'outside' : { start: Math.max(0, size - last), end: size - 1 }
  }
  const start = Number(from)
  if (to !== '' && Number(to) < start) return 'whole'
  if (start >= size) return 'outside'
  return { start, end: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}
