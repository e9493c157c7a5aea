import { z } from 'zod'

/**
 * What the processes of one installation tell each other besides facts: who is online at which of them, and the QR and
 * pairing codes that are shown right now. A word may be lost; what matters is said again.
 */
export const peerWord = z.discriminatedUnion('t', [
  /** I am here, and my logins are still those of that version. Said every few seconds. */
  z.object({ t: z.literal('here'), node: z.string(), version: z.int() }),
  /** Who has a socket at me, as `companyId/userId`. */
  z.object({ t: z.literal('logins'), node: z.string(), version: z.int(), logins: z.array(z.string()) }),
  /** I have just come, or missed something: tell me everything. */
  z.object({ t: z.literal('ask'), node: z.string() }),
  /** I am leaving. */
  z.object({ t: z.literal('gone'), node: z.string() }),
  /** The code that a session of mine shows. `expiresAt`: ISO 8601 UTC. */
  z.object({
    t: z.literal('qr'),
    node: z.string(),
    companyId: z.string(),
    sessionId: z.string(),
    qr: z.string(),
    expiresAt: z.string(),
  }),
  /** Likewise: the code that was asked for, to be typed into the phone. */
  z.object({
    t: z.literal('pairingCode'),
    node: z.string(),
    companyId: z.string(),
    sessionId: z.string(),
    pairingCode: z.string(),
    expiresAt: z.string(),
  }),
  /** When a session of mine that lost its connection tries again. */
  z.object({
    t: z.literal('retry'),
    node: z.string(),
    companyId: z.string(),
    sessionId: z.string(),
    attempt: z.int(),
    attemptsMax: z.int(),
    expiresAt: z.string(),
  }),
])
export type PeerWord = z.output<typeof peerWord>

export type Peers = {
  /** This process's own name among them. */
  readonly node: string
  /** To all others. Never throws, and is not waited for. */
  say(word: PeerWord): void
  /** What others say. */
  onWord(listener: (word: PeerWord) => void): void
}
