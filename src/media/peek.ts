/** The beginning of a stream, up to so many bytes, and the whole stream, which may be read once. */
export const peek = async (
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<{ head: Buffer; whole: AsyncIterable<Uint8Array> }> => {
  const iterator = source[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let size = 0
  while (size < bytesMax) {
    const next = await iterator.next()
    if (next.done) break
    read.push(next.value)
    size += next.value.byteLength
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* read
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(read).subarray(0, bytesMax), whole: whole() }
}
