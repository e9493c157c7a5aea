import type { ByteReader } from './byte-reader.ts'

/**
 * What is needed of WebM (RFC 8794, RFC 9559) to take a sound track out of it, as it streams by. Containers are entered
 * and not followed to their end: live recordings leave their length open, and every id says by itself what it is.
 */
export type WebmPart =
  | { readonly part: 'track'; readonly track: WebmTrack }
  /** One packet of a track. */
  | { readonly part: 'packet'; readonly track: number; readonly bytes: Buffer }
  /** So many nanoseconds of the packet before are not to be heard. */
  | { readonly part: 'padding'; readonly nanoseconds: number }

export type WebmTrack = {
  readonly number: number
  readonly isVideo: boolean
  readonly codec: string
  readonly codecPrivate: Buffer | null
  readonly channels: number
}

/** The bytes are no WebM, or one in a form that is not read here. */
export class NotWebm extends Error {
  constructor(detail: string) {
    super(detail)
    this.name = 'NotWebm'
  }
}

const ELEMENTS = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  track: 0xae,
  audio: 0xe1,
  number: 0xd7,
  type: 0x83,
  codec: 0x86,
  codecPrivate: 0x63a2,
  channels: 0x9f,
  group: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
  padding: 0x75a2,
} as const
const ENTERED: ReadonlySet<number> = new Set([
  ELEMENTS.segment,
  ELEMENTS.cluster,
  ELEMENTS.tracks,
  ELEMENTS.track,
  ELEMENTS.audio,
  ELEMENTS.group,
])
const READ: ReadonlySet<number> = new Set([
  ELEMENTS.number,
  ELEMENTS.type,
  ELEMENTS.codec,
  ELEMENTS.codecPrivate,
  ELEMENTS.channels,
  ELEMENTS.block,
  ELEMENTS.simpleBlock,
  ELEMENTS.padding,
])
/** Of one element that is read; a sound packet is far smaller. */
const ELEMENT_BYTES_MAX = 1024 * 1024
const VIDEO_TRACK = 1
const LACED = 0x06
/** After the track's number: two bytes of time and the flags. */
const BLOCK_FRAME_BYTES = 3

/** Bytes of a number of variable length, by its first byte; more than eight are none. */
const lengthOf = (first: number): number => Math.clz32(first) - 23

/** A number of variable length, with its marker or without. */
const numberIn = (bytes: Buffer, keepsMarker: boolean): number => {
  const first = bytes[0] ?? 0
  let value = keepsMarker ? first : first & (0xff >> bytes.length)
  for (const byte of bytes.subarray(1)) value = value * 256 + byte
  return value
}

const nextNumber = async (reader: ByteReader, keepsMarker: boolean): Promise<Buffer | null> => {
  const first = await reader.take(1)
  if (!first) return null
  const length = lengthOf(first[0] ?? 0)
  if (length > (keepsMarker ? 4 : 8)) throw new NotWebm('a number is too long')
  const rest = length === 1 ? Buffer.alloc(0) : await reader.take(length - 1)
  return rest && Buffer.concat([first, rest])
}

/** All ones: the length is left open. */
const isOpen = (size: Buffer): boolean =>
  numberIn(size, false) === 2 ** (7 * size.length) - 1 ||
  (size.length === 8 && size.subarray(1).every(byte => byte === 0xff))

const unsigned = (bytes: Buffer): number => (bytes.length === 0 ? 0 : numberIn(bytes, true))

const packetIn = (block: Buffer): WebmPart => {
  const length = lengthOf(block[0] ?? 0)
  const at = length + BLOCK_FRAME_BYTES
  if (length > 8 || block.length < at) throw new NotWebm('a block is cut')
  if ((block[at - 1] ?? 0) & LACED) throw new NotWebm('laced blocks are not read')
  return { part: 'packet', track: numberIn(block.subarray(0, length), false), bytes: block.subarray(at) }
}

/** @throws NotWebm */
export async function* webmParts(reader: ByteReader): AsyncGenerator<WebmPart> {
  let track: { -readonly [K in keyof WebmTrack]: WebmTrack[K] } | null = null
  let isFirst = true
  for (;;) {
    const id = await nextNumber(reader, true)
    const size = id && (await nextNumber(reader, false))
    if (!id || !size) break
    const element = numberIn(id, true)
    if (isFirst && element !== ELEMENTS.header) throw new NotWebm('it does not begin as one')
    isFirst = false
    if (track && (element === ELEMENTS.track || element === ELEMENTS.cluster)) {
      yield { part: 'track', track }
      track = null
    }
    if (element === ELEMENTS.track)
      track = { number: 0, isVideo: false, codec: '', codecPrivate: null, channels: 1 }
    if (ENTERED.has(element)) continue
    if (isOpen(size)) throw new NotWebm('an element has no end')
    const length = numberIn(size, false)
    if (!READ.has(element)) {
      await reader.skip(length)
      continue
    }
    if (length > ELEMENT_BYTES_MAX) throw new NotWebm('an element is too large')
    const bytes = await reader.take(length)
    // Cut off in the middle, as a recording may be: what came before is heard.
    if (!bytes) break
    if (element === ELEMENTS.block || element === ELEMENTS.simpleBlock) yield packetIn(bytes)
    else if (element === ELEMENTS.padding) yield { part: 'padding', nanoseconds: Math.max(0, signed(bytes)) }
    else if (track) note(track, element, bytes)
  }
  if (track) yield { part: 'track', track }
}

const signed = (bytes: Buffer): number =>
  bytes.length > 0 && bytes.length <= 6 ? bytes.readIntBE(0, bytes.length) : 0

const note = (
  track: { -readonly [K in keyof WebmTrack]: WebmTrack[K] },
  element: number,
  bytes: Buffer,
): void => {
  if (element === ELEMENTS.number) track.number = unsigned(bytes)
  else if (element === ELEMENTS.type) track.isVideo = unsigned(bytes) === VIDEO_TRACK
  else if (element === ELEMENTS.codec) track.codec = bytes.toString('latin1')
  else if (element === ELEMENTS.codecPrivate) track.codecPrivate = bytes
  else if (element === ELEMENTS.channels) track.channels = unsigned(bytes)
}
