import { crc32 } from 'node:zlib'
import type { Standing } from './live.ts'

/**
 * A snapshot as it is kept: four bytes of checksum (CRC-32, big-endian) over JSON that says whose it is and by which
 * machine it was made. Anything that does not fit is no snapshot.
 */
export type SnapshotOf = {
  readonly stream: string
  /** See `machineHash`. */
  readonly machine: string
  /** Of the store: what follows a restored backup is another history. */
  readonly epoch: string
}

const CHECKSUM_BYTES = 4

export const packSnapshot = ({ stream, machine, epoch }: SnapshotOf, standing: Standing): Buffer => {
  const { revision, hash, state } = standing
  const text = JSON.stringify({ stream, machine, epoch, revision, hash, state })
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + Buffer.byteLength(text))
  bytes.write(text, CHECKSUM_BYTES)
  bytes.writeUInt32BE(crc32(bytes.subarray(CHECKSUM_BYTES)), 0)
  return bytes
}

/** What was packed, if it is whole and of just this stream, machine and store; `null` otherwise. */
export const unpackSnapshot = (expected: SnapshotOf, bytes: Buffer): Standing | null => {
  if (bytes.length <= CHECKSUM_BYTES) return null
  const body = bytes.subarray(CHECKSUM_BYTES)
  if (crc32(body) !== bytes.readUInt32BE(0)) return null
  const kept = JSON.parse(body.toString('utf8')) as SnapshotOf & Standing
  const { stream, machine, epoch, revision, hash, state } = kept
  const same = stream === expected.stream && machine === expected.machine && epoch === expected.epoch
  return same ? { revision, hash, state } : null
}
