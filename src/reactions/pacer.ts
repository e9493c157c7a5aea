import { LIFE_SIGN_EVERY_MS } from './life-signs.ts'
import type { HeldBy } from '../events/message.ts'
import {
  DAY_MS,
  freeAt,
  MINUTE_MS,
  newChatLimit,
  type ChatBegun,
  type PaceProfile,
} from '../events/pacing.ts'

/**
 * Says when a message of one session may go. The naive way, looking again in a while, lets whoever looks first pass and
 * can tell nobody a time. Here every message gets its turn when it first asks, and keeps it:
 *
 *   stranger? ─▶ a place in the day's chats ─▶ (once that has come) a place in the minute, a gap after the one before ─▶ go
 *
 * The chats of the day are facts of the session; the places of the minute live here. A new owner knows those of the one before
 * from its last sign of life, and takes for granted that it then sent as quickly as it may until the next would have come. Where
 * there is no sign, the minute before counts as full, evenly: it begins at the pace that the budget allows for good.
 */
export type Pacer = {
  /** `go`: hand it over now, its place is used. Otherwise when to ask again; it has to, or its place is given up. */
  ask(wish: PaceWish): Turn
  /** When messages went, in the last minute and before it was ours; `null` until the first asked. */
  sent(): readonly number[] | null
}

export type PaceWish = {
  readonly messageId: string
  readonly profile: PaceProfile
  /** The conversation, if it is one with a stranger. */
  readonly stranger: string | null
  readonly linkedAt: string | null
  readonly begun: readonly ChatBegun[]
  readonly now: number
  /** 0 to 1. */
  readonly random: number
}

export type Turn = { readonly go: true } | { readonly go: false; readonly at: number; readonly by: HeldBy }

/** How long a place waits for who does not come: otherwise all who wait for a line that is down go at once when it is back. */
const PLACE_KEPT_MS = 5_000
const CHAT_KEPT_MS = 2 * MINUTE_MS
const ascending = (a: number, b: number): number => a - b

const evenly = (perMinute: number, until: number): number[] =>
  Array.from({ length: perMinute }, (_, i) => until - MINUTE_MS + ((i + 1) * MINUTE_MS) / perMinute)

/** What an owner sent in its last minute, as far as it said, and when it said so. Milliseconds, oldest first. */
export type SentLately = { readonly sent: readonly number[]; readonly at: number }

/** What was sent before it was ours, as far as it is known, and what may have been. */
const sentBefore = ({ profile }: PaceWish, ownedAt: number, lately: SentLately | null): number[] => {
  if (!lately) return evenly(profile.perMinute, ownedAt)
  const until = Math.min(ownedAt, lately.at + LIFE_SIGN_EVERY_MS)
  const perhaps: number[] = []
  const last = Math.max(lately.sent.at(-1) ?? 0, lately.at - profile.gapMs.min)
  for (let at = last + profile.gapMs.min; at < until; at += profile.gapMs.min) perhaps.push(at)
  return [...lately.sent, ...perhaps]
}

/**
 * `ownedAt`: since when the session is ours; `null`: nobody had it before, so that nothing was sent. `lately`: what the owner
 * before said that it sent.
 */
export const createPacer = (ownedAt: number | null, lately: SentLately | null = null): Pacer => {
  /** When messages of the last minute went; `null` until the first asks. */
  let gone: number[] | null = null
  /** Promised places, by message. */
  const places = new Map<string, number>()
  /** Promised beginnings of chats, by conversation. */
  const chats = new Map<string, number>()

  const forgetLost = (promised: Map<string, number>, before: number): void => {
    for (const [id, at] of promised) if (at < before) promised.delete(id)
  }

  /** When the chat may be begun: `now` if it is already. */
  const chatTurn = (chat: string, { profile, linkedAt, begun, now }: PaceWish): number => {
    if (begun.some(({ conversationId }) => conversationId === chat)) return now
    forgetLost(chats, now - CHAT_KEPT_MS)
    const mine = chats.get(chat) ?? Number.POSITIVE_INFINITY
    const known = new Set(begun.map(({ conversationId }) => conversationId))
    // Who came before keeps its turn. It is reckoned anew each time: the limit grows, and settings change.
    const before = [...chats].filter(([other, at]) => other !== chat && at <= mine && !known.has(other))
    const counted = begun.map(({ at }) => Date.parse(at)).filter(at => at > now - DAY_MS)
    const moments = [...counted, ...before.map(([, at]) => at)].sort(ascending)
    const at = freeAt(moments, newChatLimit(profile, linkedAt, now), DAY_MS, now)
    chats.set(chat, at)
    return at
  }

  const placeOf = ({ messageId, profile, now, random }: PaceWish, sent: readonly number[]): number => {
    forgetLost(places, now - PLACE_KEPT_MS)
    const promised = places.get(messageId)
    if (promised !== undefined) return promised
    const { min, max } = profile.gapMs
    const taken = [...sent, ...places.values()].sort(ascending)
    const last = taken.at(-1)
    const after = last === undefined ? now : last + min + Math.floor(random * (max - min))
    const at = Math.max(after, freeAt(taken, profile.perMinute, MINUTE_MS, now))
    places.set(messageId, at)
    return at
  }

  /** What holds whatever was promised: places were reckoned with messages that left on time. */
  const lawfulAt = ({ profile, now }: PaceWish, sent: readonly number[]): number =>
    Math.max(freeAt(sent, profile.perMinute, MINUTE_MS, now), (sent.at(-1) ?? 0) + profile.gapMs.min)

  return {
    sent: () => gone,
    ask: wish => {
      const { messageId, stranger, now } = wish
      const chatAt = stranger === null ? now : chatTurn(stranger, wish)
      if (chatAt > now) return { go: false, at: chatAt, by: 'new-chats' }
      const sent = (gone ?? (ownedAt === null ? [] : sentBefore(wish, ownedAt, lately))).filter(
        at => at > now - MINUTE_MS,
      )
      gone = sent
      const at = Math.max(placeOf(wish, sent), lawfulAt(wish, sent))
      if (at > now) return { go: false, at, by: 'pace' }
      places.delete(messageId)
      sent.push(now)
      return { go: true }
    },
  }
}
