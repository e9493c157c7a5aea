import { z } from 'zod'
import { fact, type FactOf, type OpenFactOf } from './define.ts'

/**
 * The installation's own record of what its log held. A root covers every stream that was written since the root before
 * it, and that root's hash: whoever holds one root holds all before it. A place is a position without its store's epoch.
 */
export const auditEvents = {
  /** Some of the heads that the next root covers: `[stream, revision, chain hash]`, ordered by stream. */
  'audit.headsListed': fact({
    place: z.string(),
    part: z.int().nonnegative(),
    heads: z.array(z.tuple([z.string(), z.int().nonnegative(), z.string()])),
  }),
  /** `hash` = SHA-256 of ordinal, place, previous hash and all listed heads; `signature`: Ed25519 of `hash`. */
  'audit.rootSigned': fact({
    ordinal: z.int().positive(),
    place: z.string(),
    parts: z.int().nonnegative(),
    streams: z.int().nonnegative(),
    previous: z.string(),
    hash: z.string(),
    signature: z.string(),
    publicKey: z.string(),
  }),
} as const
export type AuditEvent = FactOf<typeof auditEvents>
export type AuditOpenFact = OpenFactOf<typeof auditEvents>
