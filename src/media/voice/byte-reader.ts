/** Reads a stream piece by piece, holding no more of it than what is asked for at once. */
export const createByteReader = (source: AsyncIterable<Uint8Array>) => {
  const iterator = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)

  const fill = async (count: number): Promise<boolean> => {
    const more: Uint8Array[] = []
    for (let size = held.length; size < count;) {
      const next = await iterator.next()
      if (next.done) break
      more.push(next.value)
      size += next.value.byteLength
    }
    if (more.length > 0) held = Buffer.concat([held, ...more])
    return held.length >= count
  }

  return {
    /** So many bytes, or `null` where the stream ends before. */
    take: async (count: number): Promise<Buffer | null> => {
      if (!(await fill(count))) return null
      const taken = held.subarray(0, count)
      held = held.subarray(count)
      return taken
    },
    /** Passes over so many bytes, or to the end of the stream. */
    skip: async (count: number): Promise<void> => {
      for (let left = count; left > 0;) {
        if (!(await fill(1))) return
        const passed = Math.min(left, held.length)
        held = held.subarray(passed)
        left -= passed
      }
    },
    close: async (): Promise<void> => {
      await iterator.return?.()
    },
  }
}
export type ByteReader = ReturnType<typeof createByteReader>
