import type { Position } from './port.ts'

/**
 * The text of a position: eight hexadecimal digits of epoch, sixteen of commit, sixteen of prepare. Fixed width makes
 * the order of the text the order of the log; the numbers are 64 bits wide and so never become JavaScript numbers.
 */

/** Where an event stands in its log: two unsigned 64-bit numbers, as EventStoreDB counts. */
export type Place = { readonly commit: bigint; readonly prepare: bigint }

/** A position was handed to a store of another epoch: its holder has to start again. */
export class ForeignPosition extends Error {
  constructor(position: string, epoch: string) {
    super(`position ${position} is not of epoch ${epoch}`)
    this.name = 'ForeignPosition'
  }
}

const EPOCH = /^[0-9a-f]{8}$/
const POSITION = /^[0-9a-f]{40}$/
const U64_MAX = (1n << 64n) - 1n

const hex64 = (value: bigint): string => {
  if (value < 0n || value > U64_MAX) throw new RangeError(`not an unsigned 64-bit number: ${value}`)
  return value.toString(16).padStart(16, '0')
}

/** Whether a text can be the epoch of a store. */
export const isEpoch = (text: string): boolean => EPOCH.test(text)

export const makePosition = (epoch: string, place: Place): Position => {
  if (!isEpoch(epoch)) throw new RangeError(`not an epoch: ${epoch}`)
  return (epoch + hex64(place.commit) + hex64(place.prepare)) as Position
}

/**
 * The position of the event with this ordinal in an embedded log, which counts its events in one file: a JavaScript
 * number holds it. Outside it is commit and prepare like any other.
 */
export const ordinalPosition = (epoch: string, ordinal: number): Position => {
  const digits = ordinal.toString(16).padStart(16, '0')
  return (epoch + digits + digits) as Position
}

/** The place that a position of this epoch spells. @throws ForeignPosition for any other text. */
export const parsePosition = (epoch: string, position: Position): Place => {
  if (!POSITION.test(position) || !position.startsWith(epoch)) throw new ForeignPosition(position, epoch)
  return { commit: BigInt(`0x${position.slice(8, 24)}`), prepare: BigInt(`0x${position.slice(24)}`) }
}

/**
 * How far one position of a log is from another: facts where the store numbers them one by one (embedded), some measure
 * of length otherwise. The empty text stands for the very start.
 */
export const logDistance =
  (epoch: string) =>
  (from: string, to: string): number => {
    const commitOf = (text: string): bigint => (text ? parsePosition(epoch, text as Position).commit : 0n)
    return Number(commitOf(to) - commitOf(from))
  }
