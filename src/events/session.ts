import { z } from 'zod'
import { fact, revised, type FactOf, type OpenFactOf } from './define.ts'

export const PROVIDERS = ['baileys', 'cloud', 'simulator', 'messenger', 'instagram'] as const
export const providerKind = z.enum(PROVIDERS)
export type ProviderKind = z.output<typeof providerKind>

/**
 * For how long after a message of the customer a channel takes free words, in hours; `null`: always. Meta's rule for all
 * of its channels; after that WhatsApp takes templates only. The channels say the same of themselves.
 */
export const WINDOW_HOURS: Readonly<Record<ProviderKind, number | null>> = {
  baileys: null,
  cloud: 24,
  messenger: 24,
  instagram: 24,
  simulator: null,
}

export const SESSION_STATUSES = [
  'created',
  'connecting',
  'awaiting-scan',
  'syncing',
  'connected',
  'reconnecting',
  'stopped',
  'logged-out',
  'replaced',
  'restricted',
  'failed',
  'removed',
] as const
export const sessionStatus = z.enum(SESSION_STATUSES)
export type SessionStatus = z.output<typeof sessionStatus>

/**
 * How a session spaces what it sends, to be taken for a person and not for a machine. What each means in numbers is in
 * `events/pacing`.
 */
export const PACING = ['off', 'normal', 'careful', 'established'] as const
export type Pacing = (typeof PACING)[number]

/** Settings of a session that are no secret. Secrets (tokens) live in the vault. */
export const sessionSettings = z.object({
  /** What a message does that comes within the reopen window after a close. */
  reopenPolicy: z.enum(['reopen', 'new', 'same-agent']).default('reopen'),
  /** Minutes; 0 = a message after a close always opens a new ticket. */
  reopenMinutes: z.int().min(0).max(525_600).default(120),
  /** Cloud API only. */
  phoneNumberId: z.string().max(64).optional(),
  businessAccountId: z.string().max(64).optional(),
  /** Messenger: the page's id; Instagram: the professional account's. */
  pageId: z.string().max(64).optional(),
  /** Messenger and Instagram: people answer, and may up to seven days after the customer wrote. */
  humanAgentTag: z.boolean().optional(),
  /** Baileys: calls are turned away, and answered with these words if there are any. Absent or `null`: they ring. */
  rejectCalls: z
    .object({ text: z.string().max(1_000).nullable() })
    .nullable()
    .optional(),
  /** Baileys: chats of before the link are asked for when it is linked. */
  historySync: z.boolean().optional(),
  /** Baileys: names of the phone's address book are taken over. */
  importContacts: z.boolean().optional(),
  /** Absent: `normal` for linked devices, `off` for channels whose own limits are known. */
  pacing: z.enum(PACING).optional(),
})
export type SessionSettings = z.output<typeof sessionSettings>

export const sessionEvents = {
  // Version 2: the settings of pages and linked devices; version 3: pacing. Whoever reads only an earlier one would lose
  // them when it changes others.
  'session.created': revised(
    fact({
      name: z.string(),
      provider: providerKind,
      queueIds: z.array(z.uuid()),
      settings: sessionSettings,
      isDefault: z.boolean(),
    }),
    3,
    { 1: data => ({ ...data }), 2: data => ({ ...data }) },
  ),
  'session.changed': revised(
    fact({
      name: z.string().optional(),
      queueIds: z.array(z.uuid()).optional(),
      settings: sessionSettings.optional(),
      isDefault: z.boolean().optional(),
    }),
    3,
    { 1: data => ({ ...data }), 2: data => ({ ...data }) },
  ),
  /** Someone wants it connected; it stays wanted over restarts until it is stopped. */
  'session.startRequested': fact({}),
  /** A node took it over; the revision of this fact is the fence of everything that it does for the session. */
  'session.owned': fact({ node: z.string() }),
  'session.awaitingScan': fact({}),
  'session.syncing': fact({}),
  'session.connected': fact({ account: z.string().nullable() }),
  /** The link was lost and is being tried again. `since` (version 2): it was lost then already, and is told only now. */
  'session.disconnected': revised(
    fact({ reason: z.string(), code: z.string().nullable(), since: z.iso.datetime().optional() }),
    2,
    { 1: data => ({ ...data }) },
  ),
  /**
   * A linked device is about to write to somebody who never wrote to it, nor was written to: what its daily budget
   * counts. Told before the message leaves, once per chat and day.
   */
  'session.chatBegun': fact({ conversationId: z.uuid(), messageId: z.uuid() }),
  /**
   * Nothing came in between these times; what arrives later is marked `late`. `of` (version 2): `history`, a part of what was
   * said before the link could not be had and is given up; absent, it was not connected.
   */
  'session.gapRecorded': revised(
    fact({ from: z.iso.datetime(), to: z.iso.datetime(), of: z.literal('history').optional() }),
    2,
    { 1: data => ({ ...data }) },
  ),
  'session.stopped': fact({ reason: z.string() }),
  'session.loggedOut': fact({ reason: z.string() }),
  'session.replaced': fact({ reason: z.string() }),
  'session.restricted': fact({ reason: z.string() }),
  'session.failed': fact({ reason: z.string() }),
  'session.removed': fact({}),
} as const
export type SessionEvent = FactOf<typeof sessionEvents>
export type SessionOpenFact = OpenFactOf<typeof sessionEvents>
