const FIRST_BYTES = 64 * 1024

/**
 * Gathers a stream into pieces of one size, in one room that grows as needed and is used again for each piece: what
 * `piece` answers is good until more is added.
 */
export const createGatherer = (pieceBytes: number) => {
  let room = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, pieceBytes))
  let filled = 0
  return {
    get full(): boolean {
      return filled === pieceBytes
    },
    piece: (): Buffer<ArrayBuffer> => room.subarray(0, filled),
    clear(): void {
      filled = 0
    },
    /** Takes as much as has room, and answers how much that was. */
    add(bytes: Uint8Array): number {
      const taken = Math.min(bytes.byteLength, pieceBytes - filled)
      if (filled + taken > room.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(room.length * 2, filled + taken)))
        room.copy(larger, 0, 0, filled)
        room = larger
      }
      room.set(bytes.subarray(0, taken), filled)
      filled += taken
      return taken
    },
  }
}
