import type { Message } from '../../src/realtime/protocol.ts'
import type { Account } from './ledger.ts'

/** What the judge found, by what was promised. Names what is wrong, so that a failing run says it. */
export type Verdict = {
  readonly handedIn: number
  readonly accepted: number
  readonly found: number
  /** Accepted, and not there. */
  readonly lost: readonly string[]
  /** There more than once. */
  readonly twice: readonly string[]
  /** There before something of the same chat that was handed in, and answered, earlier. */
  readonly outOfOrder: readonly string[]
  /** There, and never handed in. */
  readonly invented: readonly string[]
  readonly replies: RepliesVerdict
}

export type RepliesVerdict = {
  readonly queued: number
  /** What reached the network. */
  readonly delivered: number
  /** Shown to the agent as unknown or failed. */
  readonly owned: number
  /** Queued, and neither on the network nor shown as unknown or failed; or not in the ticket at all. */
  readonly lost: readonly string[]
  readonly twice: readonly string[]
  readonly outOfOrder: readonly string[]
  /** Shown as something else than what became of it. */
  readonly wronglyShown: readonly string[]
}

const repeated = (numbers: readonly number[]): number[] => numbers.filter((n, i) => numbers.indexOf(n) !== i)
const notRising = (numbers: readonly number[]): number[] =>
  numbers.filter((n, i) => i > 0 && n < numbers[i - 1]!)
const named = (who: string, numbers: readonly number[]): string[] => numbers.map(n => `${who} ${n}`)

/** Texts are `NAME n` in, `to NAME n` out. */
const numberIn = (body: string, word: number): number => Number(body.split(' ')[word])

const judgeReplies = (
  who: string,
  account: Account,
  shown: readonly Message[],
  network: readonly string[],
): RepliesVerdict => {
  const ours = shown.filter(({ fromMe }) => fromMe)
  const got = network.filter(body => body.startsWith(`to ${who} `)).map(body => numberIn(body, 2))
  const byId = new Map(ours.map(message => [message.id, message]))
  const missing = account.replies.filter(({ id }) => !byId.has(id)).map(({ n }) => n)
  const untold = account.replies
    .filter(({ n, id }) => !got.includes(n) && !['unknown', 'failed'].includes(byId.get(id)?.ack ?? ''))
    .map(({ n }) => n)
  const shownOrder = ours.map(({ body }) => numberIn(body, 2))
  return {
    queued: account.replies.length,
    delivered: new Set(got).size,
    owned: ours.filter(({ ack }) => ack === 'unknown' || ack === 'failed').length,
    lost: named(`to ${who}`, [...new Set([...missing, ...untold])]),
    twice: named(`to ${who}`, [...repeated(got), ...repeated(shownOrder)]),
    outOfOrder: named(`to ${who}`, [...notRising(got), ...notRising(shownOrder)]),
    // The network tells of each that it delivered: what it has is known to be there, and what it has not is not.
    wronglyShown: ours
      .filter(
        ({ body, ack }) => got.includes(numberIn(body, 2)) !== ['delivered', 'read'].includes(ack ?? ''),
      )
      .map(({ body, ack }) => `${body}: ${ack}`),
  }
}

/** One person's messages as they are shown in the end, held against the ledger and what the network has. */
export const judge = (
  who: string,
  account: Account,
  shown: readonly Message[],
  network: readonly string[],
): Verdict => {
  const found = shown.filter(({ fromMe }) => !fromMe).map(({ body }) => numberIn(body, 1))
  return {
    handedIn: account.handedIn.length,
    accepted: account.accepted.size,
    found: new Set(found).size,
    lost: named(
      who,
      [...account.accepted].filter(n => !found.includes(n)),
    ),
    twice: named(who, repeated(found)),
    outOfOrder: named(who, notRising(found)),
    invented: named(
      who,
      found.filter(n => !account.handedIn.includes(n)),
    ),
    replies: judgeReplies(who, account, shown, network),
  }
}

/** Everybody's together. */
export const together = (all: readonly Verdict[]): Verdict => {
  const sum = (of: (one: Verdict) => number): number => all.reduce((total, one) => total + of(one), 0)
  const list = (of: (one: Verdict) => readonly string[]): string[] => all.flatMap(of)
  return {
    handedIn: sum(one => one.handedIn),
    accepted: sum(one => one.accepted),
    found: sum(one => one.found),
    lost: list(one => one.lost),
    twice: list(one => one.twice),
    outOfOrder: list(one => one.outOfOrder),
    invented: list(one => one.invented),
    replies: {
      queued: sum(one => one.replies.queued),
      delivered: sum(one => one.replies.delivered),
      owned: sum(one => one.replies.owned),
      lost: list(one => one.replies.lost),
      twice: list(one => one.replies.twice),
      outOfOrder: list(one => one.replies.outOfOrder),
      wronglyShown: list(one => one.replies.wronglyShown),
    },
  }
}

/** What is wrong, by kind; empty when everything that was promised was kept. */
export const wrongsOf = (verdict: Verdict): Readonly<Record<string, readonly string[]>> => {
  const { lost, twice, outOfOrder, invented, replies } = verdict
  const kinds = {
    lost,
    twice,
    outOfOrder,
    invented,
    repliesLost: replies.lost,
    repliesTwice: replies.twice,
    repliesOutOfOrder: replies.outOfOrder,
    repliesWronglyShown: replies.wronglyShown,
  }
  return Object.fromEntries(Object.entries(kinds).filter(([, list]) => list.length > 0))
}
