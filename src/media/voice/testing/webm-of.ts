/** WebM as recorders write it, with what a test wants in it. */
type Made = {
  readonly packets: readonly Buffer[]
  /** Of another track, between ours. */
  readonly others?: readonly Buffer[]
  readonly codec?: string
  readonly video?: boolean
  /** Segment and clusters without a length, as of what is recorded live. */
  readonly open?: boolean
  readonly paddingNanoseconds?: number
}

const size = (length: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(0x1000_0000 + length)
  return bytes
}
const OPEN = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
const hex = (id: string): Buffer => Buffer.from(id, 'hex')
const element = (id: string, ...inside: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(inside)
  return Buffer.concat([hex(id), size(body.length), body])
}
const without = (id: string, ...inside: readonly Buffer[]): Buffer =>
  Buffer.concat([hex(id), OPEN, ...inside])

const trackEntry = (number: number, type: number, codec: string): Buffer =>
  element(
    'ae',
    element('d7', Buffer.of(number)),
    element('83', Buffer.of(type)),
    element('86', Buffer.from(codec)),
    ...(type === 2 ? [element('e1', element('9f', Buffer.of(1)))] : []),
  )

const simple = (track: number, packet: Buffer): Buffer =>
  element('a3', Buffer.from([0x80 | track, 0, 0, 0x80]), packet)

const group = (packet: Buffer, padding: number): Buffer => {
  const nanoseconds = Buffer.alloc(4)
  nanoseconds.writeInt32BE(padding)
  return element('a0', element('a1', Buffer.from([0x81, 0, 0, 0]), packet), element('75a2', nanoseconds))
}

const CLUSTER_PACKETS = 60

export const webmOf = (made: Made): Buffer => {
  const { packets, others = [], codec = 'A_OPUS', video = false, open = false, paddingNanoseconds } = made
  const wrap = open ? without : element
  const blocks = packets.map((packet, index) =>
    paddingNanoseconds !== undefined && index === packets.length - 1
      ? group(packet, paddingNanoseconds)
      : simple(1, packet),
  )
  blocks.push(...others.map(packet => simple(2, packet)))
  const clusters: Buffer[] = []
  for (let at = 0; at < blocks.length; at += CLUSTER_PACKETS)
    clusters.push(wrap('1f43b675', element('e7', Buffer.of(0)), ...blocks.slice(at, at + CLUSTER_PACKETS)))
  const tracks = element('1654ae6b', trackEntry(1, 2, codec), ...(video ? [trackEntry(2, 1, 'V_VP8')] : []))
  const header = element('1a45dfa3', element('4282', Buffer.from('webm')))
  const info = element('1549a966', element('4d80', Buffer.from('a recorder')))
  return Buffer.concat([header, wrap('18538067', element('ec', Buffer.alloc(20)), info, tracks, ...clusters)])
}
