const LOOK_EVERY_MS = 25
const WAIT_MS_MAX = 60_000

/** Looks until there is something to see, and answers it; fails, saying what it waited for, when it never comes. */
export const until = async <T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  waitMs = WAIT_MS_MAX,
): Promise<T> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    const seen = await look()
    if (seen !== null && seen !== undefined && seen !== false) return seen
    if (performance.now() > deadline) throw new Error(`waited ${waitMs} ms in vain for: ${what}`)
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
