import type { AnyMachineSnapshot } from 'xstate'

/**
 * What an actor costs in memory, estimated: where its chart stands, what the directory keeps of it, and its context. Measured by
 * `npm run bench -- memory`, which prints the estimate beside the truth.
 */
export const ACTOR_BYTES = 1_300
const TEXT_BYTES = 24
/** A long text is one that grows, and V8 keeps what grows in pieces, some of them twice. */
const LONG_TEXT_LENGTH = 100
const OBJECT_BYTES = 40
const SLOT_BYTES = 8

const weigh = (value: unknown): number => {
  if (typeof value === 'string')
    return TEXT_BYTES + (value.length > LONG_TEXT_LENGTH ? 2 * value.length : value.length)
  if (typeof value !== 'object' || value === null) return SLOT_BYTES
  let bytes = OBJECT_BYTES
  for (const part of Object.values(value)) bytes += SLOT_BYTES + weigh(part)
  return bytes
}

/** Bytes of a living actor, about. */
export const weightOf = (snapshot: Pick<AnyMachineSnapshot, 'context'>): number =>
  ACTOR_BYTES + weigh(snapshot.context)
