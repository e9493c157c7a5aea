import { foundCompany, meet, say, system, type Burst, type Cast, type Person } from './history/cast.ts'
import { createChance, type Chance } from './history/chance.ts'
import { closeTicket, goOn, openTicket, reopenTicket, type TicketLife } from './history/ticket-life.ts'

export type LargeHistoryOptions = {
  /** Default 20,000. */
  readonly tickets?: number
  /** Of all tickets together, exactly. Default 400,000. */
  readonly messages?: number
  /** How much time it spreads over, ending at `until`. Default 2. */
  readonly years?: number
  readonly seed?: number
  /** Milliseconds since the Unix epoch; default 2026-01-01. */
  readonly until?: number
  /** Users who answer. Default 40. */
  readonly agents?: number
  readonly companyId?: string
  /** Tickets that go on at the same time in the middle of the story. Default 150. */
  readonly together?: number
  /** Messages that are not sent yet at the end, at most. Default 60. */
  readonly unfinished?: number
  /** A company that exists already: the story then begins with its customers, not with its founding. */
  readonly cast?: Cast
}

/** Of the newest tickets, this part is still there at the end, and of these this part waits for somebody. */
const STAYS = 0.05
const UNANSWERED = 0.4
const TICKETS_A_CONTACT = 4
const DEAD_LETTERS = 0.1
/** Of the closed tickets, this part lives again at once, with this many more messages at most. */
const REOPENS = 0.06
const REOPENED_MESSAGES_MAX = 3
const YEAR_MS = 365 * 86_400_000

type Known = {
  readonly person: Person
  ordinal: number
  life: TicketLife | null
  busy: boolean
}

/**
 * A company's years as facts, in the order of the log: customers write, tickets open, are accepted, answered, closed,
 * reopened; the newest ones stay open or wait. Every stream is legal in its chart, and the same options tell the same
 * story: how many facts it has follows from them (some three a message). It makes no text twice on purpose, needs no
 * database, and holds only the tickets that go on at the moment.
 */
export const largeHistory = function* (options: LargeHistoryOptions = {}): Generator<Burst> {
  const { tickets = 20_000, messages = 400_000, years = 2, agents = 40, together = 150 } = options
  const unfinishedMax = options.unfinished ?? 60
  const chance = createChance(options.seed ?? 1)
  const until = options.until ?? Date.UTC(2026, 0, 1)
  const from = until - years * YEAR_MS
  const founded = foundCompany(chance, options.companyId ?? chance.uuid(), from, agents)
  if (!options.cast) yield* founded.bursts
  const cast = options.cast ?? founded.cast
  if (!options.cast) yield numbersReserved(chance, cast, tickets, from)

  let told = 0
  let opened = 0
  let unfinishedNow = 0
  const now = (): number => from + Math.floor((told / messages) * (until - from - 3_600_000))
  const leaveUnfinished = (): boolean => unfinishedNow < unfinishedMax && ++unfinishedNow > 0
  const known: Known[] = []
  const going: Known[] = []

  /** Messages that no ticket has been promised yet. */
  const unpromised = (): number =>
    messages - told - going.reduce((sum, { life }) => sum + (life?.messagesLeft ?? 0), 0)

  /** How many messages the next ticket will have: mostly few, sometimes very many. */
  const share = (): number => {
    const ticketsLeft = tickets - opened
    if (ticketsLeft <= 1) return unpromised()
    const drawn = Math.ceil(-Math.log(1 - chance.next()) * (unpromised() / ticketsLeft))
    return Math.max(1, Math.min(drawn, unpromised() - ticketsLeft + 1))
  }

  /** Somebody who has no ticket at the moment: known already, or new. */
  const somebody = function* (): Generator<Burst, Known> {
    const found = chance.oneOf(known)
    if (found && !found.busy && known.length > together && !chance.is(1 / TICKETS_A_CONTACT)) return found
    const { person, bursts } = meet(chance, cast, known.length, now())
    yield* bursts
    const met: Known = { person, ordinal: 0, life: null, busy: false }
    known.push(met)
    return met
  }

  const begin = function* (): Generator<Burst> {
    const one = yield* somebody()
    const count = share()
    one.ordinal++
    one.busy = true
    opened++
    const stays = opened > tickets * (1 - STAYS)
    const next = openTicket(chance, cast, one.person, {
      number: opened,
      ordinal: one.ordinal,
      messages: count,
      stays,
      unanswered: stays && chance.is(UNANSWERED),
      at: now(),
    })
    told++
    one.life = next.life
    going.push(one)
    yield* next.bursts
  }

  /** The end of a ticket's messages: it stays as it is, or is closed; now and then the customer comes back at once. */
  const end = function* (one: Known, life: TicketLife): Generator<Burst> {
    going.splice(going.indexOf(one), 1)
    if (life.stays) return
    yield* closeTicket(chance, cast, life, now())
    one.busy = false
    const spare = unpromised() - (tickets - opened)
    if (opened === tickets || spare < REOPENED_MESSAGES_MAX || !chance.is(REOPENS)) return
    one.ordinal++
    one.busy = true
    const bursts = reopenTicket(chance, cast, life, {
      ordinal: one.ordinal,
      messages: 1 + chance.below(REOPENED_MESSAGES_MAX),
      at: now() + 60_000,
    })
    told++
    going.push(one)
    yield* bursts
  }

  while (opened < tickets || going.length > 0) {
    if (going.length < together && opened < tickets) {
      yield* begin()
      continue
    }
    const one = chance.oneOf(going)
    const { life } = one
    if (!life) throw new Error('a ticket without a life goes on')
    if (life.messagesLeft === 0) {
      yield* end(one, life)
      continue
    }
    const before = life.messagesLeft
    yield goOn(chance, cast, life, now(), leaveUnfinished)
    told += before - life.messagesLeft
  }
  for (let i = 0; i < tickets * DEAD_LETTERS; i++) yield deadLetter(chance, cast, now() + i)
}

const numbersReserved = (chance: Chance, cast: Cast, to: number, at: number): Burst => ({
  companyId: cast.companyId,
  type: 'company',
  id: cast.companyId,
  subject: cast.companyId,
  said: [
    say(chance, at, system, {
      type: 'company.ticketNumbersReserved',
      data: { from: 1, to, node: 'history' },
    }),
  ],
})

const deadLetter = (chance: Chance, cast: Cast, at: number): Burst => {
  const recorded = say(chance, at, system, {
    type: 'deadLetter.recorded',
    data: {
      source: 'intake',
      reason: 'not understood',
      sessionId: chance.oneOf(cast.sessionIds),
      aliasIds: [],
      rawKey: null,
      personal: { payload: '{"entry":[]}' },
    },
  })
  const dropped = (): Burst['said'] => [
    say(chance, at + 60_000, system, {
      type: 'deadLetter.dropped',
      data: { userId: chance.oneOf(cast.agents).id },
    }),
  ]
  return {
    companyId: cast.companyId,
    type: 'deadletter',
    id: chance.uuid(),
    subject: cast.companyId,
    said: [recorded, ...(chance.is(0.8) ? dropped() : [])],
  }
}
