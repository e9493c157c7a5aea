/** So near the end, somebody reads the newest. */
const NEAR_PIXELS = 80

type Place = { readonly scrollTop: number; readonly scrollHeight: number; readonly clientHeight: number }

/**
 * Whether the reader is at the end of a thread, asked when it was scrolled.
 *
 * Between our own jump to the end and the browser's word of it, pictures and messages come in and the end moves away: by the
 * distance alone the reader would seem to have left. Only who goes up leaves; `before`: where they were in pixels.
 */
export const staysAtEnd = (was: boolean, before: number, now: Place): boolean => {
  if (now.scrollHeight - now.scrollTop - now.clientHeight < NEAR_PIXELS) return true
  return was && now.scrollTop >= before
}
