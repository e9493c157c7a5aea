import { createByteReader } from './byte-reader.ts'
import { oggPage, SEGMENTS_MAX, segmentsOf } from './ogg-page.ts'
import { isOpusHead, OPUS_RATE, opusHead, opusTags, packetSamples, preSkipOf } from './opus-packet.ts'
import { NotWebm, webmParts, type WebmTrack } from './webm.ts'

/**
 * Browsers record speech as Opus in WebM; channels take it as Opus in Ogg. The sound stays as it is, byte for byte: only
 * what is around it changes, as it streams by.
 *
 *   WebM   header ─ track (OpusHead) ─ cluster [ packet packet packet ] ─ cluster [ packet … ]
 *   Ogg    page [ OpusHead ] ─ page [ OpusTags ] ─ page [ packets of a second ] ─ … ─ last page
 */
export type Remuxed = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** How long it plays; known once the bytes were read. */
  seconds(): number | undefined
}

/** The same recording always becomes the same file: uploads that are repeated are known by their bytes. */
const SERIAL = 0x66696f31
const PAGE_SAMPLES = OPUS_RATE
const NANOSECONDS = 1e9
const OPUS = 'A_OPUS'

/** Whether the beginning of a WebM says that it is speech alone: a track of Opus, and no picture. */
export const isSpeech = async (head: Buffer): Promise<boolean> => {
  async function* once(): AsyncGenerator<Uint8Array> {
    yield head
  }
  const tracks: WebmTrack[] = []
  try {
    for await (const part of webmParts(createByteReader(once()))) {
      if (part.part !== 'track') break
      tracks.push(part.track)
    }
  } catch (error) {
    if (!(error instanceof NotWebm)) throw error
    return false
  }
  return tracks.some(({ codec }) => codec === OPUS) && !tracks.some(({ isVideo }) => isVideo)
}

const headOf = ({ codecPrivate, channels }: WebmTrack): Buffer =>
  codecPrivate && isOpusHead(codecPrivate) ? codecPrivate : opusHead(Math.min(Math.max(channels, 1), 2))

/** Gathers packets into pages. The last packets are held until it is known that they are the last. */
const createPages = () => {
  let sequence = 0
  let granule = 0n
  let packets: Uint8Array[] = []
  let [segments, samples] = [0, 0]
  const page = (last: boolean, at: bigint): Buffer => {
    const made = oggPage({ granule: at, serial: SERIAL, sequence, packets, first: sequence === 0, last })
    sequence++
    packets = []
    segments = samples = 0
    return made
  }
  return {
    /** A page of its own, which plays nothing. */
    header(packet: Buffer): Buffer {
      packets = [packet]
      return page(false, 0n)
    },
    /** The page that was full before this packet, or `null`. */
    add(packet: Uint8Array): Buffer | null {
      const needs = segmentsOf(packet)
      if (needs > SEGMENTS_MAX) throw new NotWebm('a packet is too large')
      const isFull = packets.length > 0 && (segments + needs > SEGMENTS_MAX || samples >= PAGE_SAMPLES)
      const full = isFull ? page(false, granule) : null
      packets.push(packet)
      segments += needs
      const plays = packetSamples(packet)
      samples += plays
      granule += BigInt(plays)
      return full
    },
    end(trimmed: number): { page: Buffer; samples: number } {
      const at = granule - BigInt(Math.min(trimmed, samples))
      return { page: page(true, at), samples: Number(at) }
    },
  }
}

/** The Opus track of a WebM as Ogg. @throws NotWebm while it is read. */
export const webmToOgg = (webm: AsyncIterable<Uint8Array>): Remuxed => {
  let seconds: number | undefined
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const reader = createByteReader(webm)
    const pages = createPages()
    let track: WebmTrack | null = null
    let preSkip = 0
    let trimmed = 0
    try {
      for await (const part of webmParts(reader)) {
        if (part.part === 'track') {
          if (track || part.track.codec !== OPUS) continue
          track = part.track
          const head = headOf(track)
          preSkip = preSkipOf(head)
          yield pages.header(head)
          yield pages.header(opusTags())
        } else if (part.part === 'padding') trimmed = Math.round((part.nanoseconds * OPUS_RATE) / NANOSECONDS)
        else if (part.track === track?.number && packetSamples(part.bytes) > 0) {
          trimmed = 0
          const full = pages.add(part.bytes)
          if (full) yield full
        }
      }
      if (!track) throw new NotWebm('there is no Opus in it')
      const { page, samples } = pages.end(trimmed)
      seconds = Math.max(0, samples - preSkip) / OPUS_RATE
      yield page
    } finally {
      await reader.close()
    }
  }
  return { bytes: bytes(), seconds: () => seconds }
}
