/** Reads one chunk after the other, and some in advance while something else is under way. */
export type ReadAhead<T> = {
  next(): Promise<T>
  /** Reads in advance for as long as that takes, but no more than it may. What that throws is thrown here. */
  during<R>(work: Promise<R>): Promise<R>
}

/**
 * `read`: what follows the chunk before, or the start. `isLast`: whether nothing follows it for now. In advance is read
 * only while one would wait anyway: what lies about in memory is moved by every collection of garbage.
 */
export const readAhead = <T>(
  read: (before: T | null) => Promise<T>,
  isLast: (chunk: T) => boolean,
  chunksMax: number,
): ReadAhead<T> => {
  const ahead: T[] = []
  let newest: T | null = null
  const readOne = async (): Promise<T> => (newest = await read(newest))
  return {
    next: async () => ahead.shift() ?? (await readOne()),
    during: async work => {
      let done = false
      const settled = (): void => void (done = true)
      work.then(settled, settled)
      try {
        while (!done && ahead.length < chunksMax && !(newest && isLast(newest))) ahead.push(await readOne())
      } catch {
        // Whoever asks for it next reads it again, and hears what is wrong.
      }
      return work
    },
  }
}
