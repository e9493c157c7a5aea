/**
 * Ogg pages (RFC 3533). A packet is laced into segments of 255 bytes and one that is shorter, which may be empty; a page
 * holds 255 segments at most, and a checksum over itself.
 */
export type OggPage = {
  /** Where the stream is once the last packet of this page is decoded, in samples. */
  readonly granule: bigint
  readonly serial: number
  readonly sequence: number
  readonly first?: boolean
  readonly last?: boolean
  /** Whole packets: none goes on from or into another page. */
  readonly packets: readonly Uint8Array[]
}

export const SEGMENTS_MAX = 255
const SEGMENT_BYTES = 255
const HEADER_BYTES = 27
const CHECKSUM_AT = 22
const [FIRST, LAST] = [2, 4]

/** Segments that a packet takes. */
export const segmentsOf = (packet: Uint8Array): number => Math.floor(packet.byteLength / SEGMENT_BYTES) + 1

const POLYNOMIAL = 0x04c11db7
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 24
  for (let bit = 0; bit < 8; bit++) rest = rest & 0x8000_0000 ? (rest << 1) ^ POLYNOMIAL : rest << 1
  return rest >>> 0
})

/** CRC-32 as Ogg has it: not reflected, from zero, unaltered at the end. */
export const oggChecksum = (bytes: Uint8Array): number => {
  let rest = 0
  for (const byte of bytes) rest = ((rest << 8) ^ (TABLE[(rest >>> 24) ^ byte] ?? 0)) >>> 0
  return rest
}

const lacing = (packets: readonly Uint8Array[]): number[] =>
  packets.flatMap(packet => [
    ...Array.from({ length: segmentsOf(packet) - 1 }, () => SEGMENT_BYTES),
    packet.byteLength % SEGMENT_BYTES,
  ])

/** @throws RangeError for packets that need more than one page. */
export const oggPage = ({ granule, serial, sequence, first, last, packets }: OggPage): Buffer => {
  const segments = lacing(packets)
  if (segments.length > SEGMENTS_MAX) throw new RangeError(`a page has no ${segments.length} segments`)
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('OggS', 0, 'latin1')
  header[5] = (first ? FIRST : 0) | (last ? LAST : 0)
  header.writeBigInt64LE(granule, 6)
  header.writeUInt32LE(serial, 14)
  header.writeUInt32LE(sequence, 18)
  header[26] = segments.length
  const page = Buffer.concat([header, Buffer.from(segments), ...packets])
  page.writeUInt32LE(oggChecksum(page), CHECKSUM_AT)
  return page
}
