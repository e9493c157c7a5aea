/** Reads Ogg pages back, by the book and slowly, with a checksum of its own. */
export type ReadPage = {
  readonly granule: bigint
  readonly serial: number
  readonly sequence: number
  readonly first: boolean
  readonly last: boolean
  readonly packets: readonly Buffer[]
}

const checksum = (bytes: Buffer): number => {
  let rest = 0
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      const out = (rest >>> 31) ^ ((byte >>> bit) & 1)
      rest = ((rest << 1) ^ (out ? 0x04c11db7 : 0)) >>> 0
    }
  return rest
}

const packetsOf = (lacing: Buffer, body: Buffer): Buffer[] => {
  const packets: Buffer[] = []
  let [from, to] = [0, 0]
  for (const length of lacing) {
    to += length
    if (length === 255) continue
    packets.push(body.subarray(from, to))
    from = to
  }
  if (from !== to) throw new Error('a packet goes on in another page')
  return packets
}

/** @throws Error for anything that a strict player would not take. */
export const pagesIn = (ogg: Buffer): ReadPage[] => {
  const pages: ReadPage[] = []
  for (let at = 0; at < ogg.length;) {
    if (ogg.toString('latin1', at, at + 4) !== 'OggS') throw new Error(`no page at ${at}`)
    const segments = ogg[at + 26] ?? 0
    const body = at + 27 + segments
    const lacing = ogg.subarray(at + 27, body)
    const end = body + lacing.reduce((sum, length) => sum + length, 0)
    const page = Buffer.from(ogg.subarray(at, end))
    page.writeUInt32LE(0, 22)
    if (checksum(page) !== ogg.readUInt32LE(at + 22)) throw new Error(`the checksum at ${at} is wrong`)
    const flags = ogg[at + 5] ?? 0
    pages.push({
      granule: ogg.readBigInt64LE(at + 6),
      serial: ogg.readUInt32LE(at + 14),
      sequence: ogg.readUInt32LE(at + 18),
      first: (flags & 2) !== 0,
      last: (flags & 4) !== 0,
      packets: packetsOf(lacing, ogg.subarray(body, end)),
    })
    at = end
  }
  return pages
}
