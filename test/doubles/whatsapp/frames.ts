const LENGTH_BYTES = 3
const INTRO_BYTES = 4
const ROUTING_MARK = 0x45

/** Cuts what comes over the line into frames. The first bytes are an intro: `WA 6 3`, and routing information before it. */
export const makeFrameReader = () => {
  let rest: Buffer = Buffer.alloc(0)
  let introduced = false

  const skipIntro = (): boolean => {
    let skip = INTRO_BYTES
    if (rest[0] === ROUTING_MARK) {
      if (rest.length < 7) return false
      skip += 7 + rest.readUIntBE(4, 3)
    }
    if (rest.length < skip) return false
    rest = rest.subarray(skip)
    introduced = true
    return true
  }

  return (bytes: Buffer): Buffer[] => {
    rest = Buffer.concat([rest, bytes])
    const frames: Buffer[] = []
    if (!introduced && !skipIntro()) return frames
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUIntBE(0, LENGTH_BYTES)
      if (rest.length < end) break
      frames.push(rest.subarray(LENGTH_BYTES, end))
      rest = rest.subarray(end)
    }
    return frames
  }
}

export const framed = (bytes: Uint8Array): Buffer => {
  const frame = Buffer.alloc(LENGTH_BYTES + bytes.length)
  frame.writeUIntBE(bytes.length, 0, LENGTH_BYTES)
  frame.set(bytes, LENGTH_BYTES)
  return frame
}
