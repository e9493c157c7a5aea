/** Opus always counts in samples of 48 kHz. */
export const OPUS_RATE = 48_000

/** Samples of one frame, by the upper five bits of a packet's first byte (RFC 6716, section 3.1). */
const frameSamples = (config: number): number => {
  if (config < 12) return [480, 960, 1_920, 2_880][config % 4] ?? 0
  if (config < 16) return [480, 960][config % 2] ?? 0
  return [120, 240, 480, 960][config % 4] ?? 0
}

/** How many samples a packet decodes to; `0`: it is none. */
export const packetSamples = (packet: Uint8Array): number => {
  const [toc, second = 0] = packet
  if (toc === undefined) return 0
  const frames = [1, 2, 2, second & 0x3f][toc & 3] ?? 0
  return frames * frameSamples(toc >>> 3)
}

/** The head that says how a stream is decoded (RFC 7845, section 5.1). */
export const isOpusHead = (bytes: Buffer): boolean =>
  bytes.length >= 19 && bytes.toString('latin1', 0, 8) === 'OpusHead'

const CHANNELS_AT = 9
/** Samples that a decoder drops at the beginning. */
export const preSkipOf = (head: Buffer): number => head.readUInt16LE(10)

/** For what came without one: one or two channels, nothing to skip. */
export const opusHead = (channels: number): Buffer => {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 0, 'latin1')
  head[8] = 1
  head[CHANNELS_AT] = channels
  head.writeUInt32LE(OPUS_RATE, 12)
  return head
}

const VENDOR = Buffer.from('fio')
/** The comments that every Ogg Opus has: who wrote it, and nothing else. */
export const opusTags = (): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(VENDOR.length)
  return Buffer.concat([Buffer.from('OpusTags'), length, VENDOR, Buffer.alloc(4)])
}
