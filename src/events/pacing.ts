import type { Pacing, ProviderKind, SessionSettings } from './session.ts'

/**
 * How a linked device spaces what it sends. WhatsApp publishes no limits for linked devices and restricts numbers that
 * behave like machines: many messages in the same second, and many strangers written to by a number that was linked only
 * now. So every send keeps a gap with a random part, a minute has a budget, and the chats that a session begins in a day
 * have one that grows with the age of its link. The numbers are careful guesses, not somebody's rule.
 *
 * All of it is pure: clock and random come in as arguments. What must outlast the process (the chats of a day, since when
 * it is linked) are facts of the session.
 */
export type PaceProfile = {
  /** Between two sends: at least `min`; how much more is drawn up to `max`. */
  readonly gapMs: { readonly min: number; readonly max: number }
  /** Sends in any minute. */
  readonly perMinute: number
  /** Chats begun in any 24 hours, by the days since it was linked: the last step that is reached holds. */
  readonly newChats: readonly { readonly fromDay: number; readonly limit: number }[]
}

export type ChatBegun = { readonly conversationId: string; readonly at: string }

export const DAY_MS = 24 * 60 * 60_000
export const MINUTE_MS = 60_000

const NORMAL: PaceProfile = {
  gapMs: { min: 700, max: 2_100 },
  perMinute: 30,
  newChats: [
    { fromDay: 0, limit: 10 },
    { fromDay: 3, limit: 20 },
    { fromDay: 7, limit: 50 },
    { fromDay: 14, limit: 100 },
    { fromDay: 30, limit: 250 },
  ],
}

const PROFILES: { readonly [P in Exclude<Pacing, 'off'>]: PaceProfile } = {
  normal: NORMAL,
  careful: {
    gapMs: { min: 2_000, max: 6_000 },
    perMinute: 12,
    newChats: NORMAL.newChats.map(({ fromDay, limit }) => ({ fromDay, limit: limit / 2 })),
  },
  // A number with years behind it: only the link is new.
  established: { ...NORMAL, newChats: [{ fromDay: 0, limit: 250 }] },
}

/** What holds where nobody chose. Channels with an API of their own have limits of their own, and tell of them. */
const DEFAULTS: { readonly [P in ProviderKind]: Pacing } = {
  baileys: 'normal',
  cloud: 'off',
  simulator: 'off',
  messenger: 'off',
  instagram: 'off',
}

/** The pacing in force. */
export const pacingOf = (provider: ProviderKind, settings: Pick<SessionSettings, 'pacing'>): Pacing =>
  settings.pacing ?? DEFAULTS[provider]

/** Its numbers; `null`: not paced. */
export const profileOf = (pacing: Pacing): PaceProfile | null => (pacing === 'off' ? null : PROFILES[pacing])

/** How many chats may be begun in 24 hours, so long after it was linked. Not linked yet counts as linked now. */
export const newChatLimit = ({ newChats }: PaceProfile, linkedAt: string | null, now: number): number => {
  const days = linkedAt === null ? 0 : (now - Date.parse(linkedAt)) / DAY_MS
  return newChats.filter(({ fromDay }) => fromDay === 0 || days >= fromDay).at(-1)?.limit ?? 0
}

/** Those of these moments that still count then. */
export const momentsInDay = (moments: readonly string[], now: number): readonly string[] =>
  moments.filter(at => Date.parse(at) > now - DAY_MS)

/** The chats of a session with one more; those that no longer count are forgotten. */
export const withChat = (begun: readonly ChatBegun[], chat: ChatBegun): readonly ChatBegun[] => [
  ...begun.filter(({ at }) => Date.parse(at) > Date.parse(chat.at) - DAY_MS),
  chat,
]

/** The first moment, not before `now`, at which fewer than `limit` of these moments (sorted) lie in the `span` before. */
export const freeAt = (moments: readonly number[], limit: number, spanMs: number, now: number): number => {
  const blocking = moments.at(-limit)
  return limit <= 0 ? now + spanMs : Math.max(now, blocking === undefined ? 0 : blocking + spanMs)
}
