import type { DomainEvent } from '../../../src/events/all.ts'
import type { FactActor } from '../../../src/events/define.ts'
import { say, system, type Burst, type Cast, type Person, type Said } from './cast.ts'
import type { Chance } from './chance.ts'
import { afterthought, agentAnswers, customerWrites, phoneWrites, type Told } from './exchange.ts'

/** Messages of one exchange, which is one append. */
const EXCHANGE_MESSAGES_MAX = 5

type Opening = Extract<DomainEvent, { type: 'conversation.ticketClaimed' }>['data']['opening']

/** A ticket as it goes on: what it has said so far, and how much it still will. */
export type TicketLife = {
  readonly person: Person
  readonly ticketId: string
  readonly opening: Opening
  /** Never closed: it is what the inbox shows at the end. */
  readonly stays: boolean
  /** Stays without anybody taking it. */
  readonly unanswered: boolean
  ordinal: number
  messagesLeft: number
  userId: string | null
  sinceMs: number
  readonly messageIds: string[]
  toldIds: string[]
}

const burst = (cast: Cast, life: TicketLife, type: 'ticket' | 'conversation', said: Said[]): Burst => ({
  companyId: cast.companyId,
  type,
  id: type === 'ticket' ? life.ticketId : life.person.conversationId,
  subject: life.person.contactId,
  said,
})

const claim = (chance: Chance, cast: Cast, life: TicketLife, at: number, reopen: boolean): Burst =>
  burst(cast, life, 'conversation', [
    say(chance, at, system, {
      type: 'conversation.ticketClaimed',
      data: { ticketId: life.ticketId, ordinal: life.ordinal, reopen, opening: life.opening },
    }),
  ])

export const openTicket = (
  chance: Chance,
  cast: Cast,
  person: Person,
  about: {
    number: number
    ordinal: number
    messages: number
    stays: boolean
    unanswered: boolean
    at: number
  },
): { life: TicketLife; bursts: Burst[] } => {
  const { number, ordinal, at } = about
  const life: TicketLife = {
    person,
    ticketId: chance.uuid(),
    opening: {
      number,
      sessionId: person.sessionId,
      conversationId: person.conversationId,
      contactId: person.contactId,
      isGroup: person.isGroup,
      queueId: chance.is(0.9) ? chance.oneOf(cast.queueIds) : null,
      userId: null,
    },
    stays: about.stays,
    unanswered: about.unanswered,
    ordinal,
    messagesLeft: about.messages - 1,
    userId: null,
    sinceMs: at,
    messageIds: [],
    toldIds: [],
  }
  const first = customerWrites(chance, person, { at, quoted: undefined, unfinished: false })
  remember(life, first)
  const opened = say(chance, at, system, { type: 'ticket.opened', data: { ...life.opening, ordinal } })
  return {
    life,
    bursts: [claim(chance, cast, life, at, false), burst(cast, life, 'ticket', [opened, ...first.said])],
  }
}

const remember = (life: TicketLife, told: Told): void => {
  life.messageIds.push(told.messageId)
  life.toldIds.push(told.messageId)
}

const one = (chance: Chance, life: TicketLife, at: number, unfinished: boolean): Told => {
  const quoted = chance.is(0.05) ? life.messageIds.at(-1) : undefined
  const { person, userId } = life
  if (userId === null) return customerWrites(chance, person, { at, quoted, unfinished })
  if (chance.is(0.04)) return phoneWrites(chance, person, at)
  return chance.is(0.52)
    ? customerWrites(chance, person, { at, quoted, unfinished })
    : agentAnswers(chance, person, userId, { at, quoted, unfinished })
}

const accept = (chance: Chance, cast: Cast, life: TicketLife, at: number): Said => {
  const fit = cast.agents.filter(
    ({ queueIds }) => life.opening.queueId && queueIds.includes(life.opening.queueId),
  )
  const userId = chance.oneOf(fit.length > 0 ? fit : cast.agents).id
  life.userId = userId
  return say(
    chance,
    at,
    { kind: 'user', id: userId },
    {
      type: 'ticket.accepted',
      data: { userId, waitedMs: Math.max(0, at - life.sinceMs) },
    },
  )
}

/** The next few messages; `unfinished` may leave some of them half done. */
export const goOn = (
  chance: Chance,
  cast: Cast,
  life: TicketLife,
  at: number,
  unfinished: () => boolean,
): Burst => {
  const said = life.userId === null && !life.unanswered ? [accept(chance, cast, life, at)] : []
  const count = Math.min(life.messagesLeft, 1 + chance.below(EXCHANGE_MESSAGES_MAX))
  for (let i = 0; i < count; i++) {
    const last = life.stays && life.messagesLeft === 1
    const told = one(chance, life, at + i * 20_000, last && unfinished())
    life.messagesLeft--
    remember(life, told)
    said.push(...told.said, ...afterthought(chance, life.person, told.messageId, at + i * 20_000 + 10_000))
  }
  const seer = life.userId
  if (seer && chance.is(0.3))
    said.push(
      say(
        chance,
        at + count * 20_000,
        { kind: 'user', id: seer },
        {
          type: 'ticket.seen',
          data: { userId: seer },
        },
      ),
    )
  return burst(cast, life, 'ticket', said)
}

/** Solved and released, with everything that the ticket knows told to its conversation. */
export const closeTicket = (chance: Chance, cast: Cast, life: TicketLife, at: number): Burst[] => {
  const { ticketId, ordinal, opening, userId } = life
  const actor: FactActor = userId ? { kind: 'user', id: userId } : system
  const messageIds = life.toldIds
  life.userId = null
  life.toldIds = []
  return [
    burst(cast, life, 'ticket', [
      say(chance, at, actor, { type: 'ticket.closed', data: { reason: 'solved', userId } }),
    ]),
    burst(cast, life, 'conversation', [
      say(chance, at, system, {
        type: 'conversation.ticketReleased',
        data: {
          ticketId,
          ordinal,
          closedAt: new Date(at).toISOString(),
          queueId: opening.queueId,
          userId,
          messageIds,
        },
      }),
    ]),
  ]
}

/** The customer writes again soon after, and the same ticket lives on. */
export const reopenTicket = (
  chance: Chance,
  cast: Cast,
  life: TicketLife,
  about: { ordinal: number; messages: number; at: number },
): Burst[] => {
  const { at, ordinal } = about
  life.ordinal = ordinal
  life.messagesLeft = about.messages - 1
  life.sinceMs = at
  const first = customerWrites(chance, life.person, { at, quoted: undefined, unfinished: false })
  remember(life, first)
  return [
    claim(chance, cast, life, at, true),
    burst(cast, life, 'ticket', [
      say(chance, at, system, { type: 'ticket.reopened', data: { userId: null, by: 'customer', ordinal } }),
      ...first.said,
    ]),
  ]
}
