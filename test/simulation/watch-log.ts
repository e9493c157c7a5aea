import { createActor, type AnyStateMachine, type AnyActor } from 'xstate'
import { companyKind, queueKind, userKind } from '../../src/actors/company/chart.ts'
import { aliasKind, contactKind } from '../../src/actors/contact/chart.ts'
import { conversationKind } from '../../src/actors/conversation/chart.ts'
import type { Kind } from '../../src/actors/kind.ts'
import { sessionKind } from '../../src/actors/session/chart.ts'
import { ticketKind } from '../../src/actors/ticket/chart.ts'
import { chainHash, decodeOpen, type SealedFact } from '../../src/eventstore/codec.ts'
import type { StoredEvent } from '../../src/eventstore/port.ts'
import { addressOf, type StreamType } from '../../src/eventstore/streams.ts'
import type { MemoryLog } from './memory-log.ts'
import { Violation } from './violation.ts'

/**
 * Reads the log as it is written, and knows at every step whether it may be so: the charts explain every fact, the chain
 * holds, ids and numbers are given once, a conversation has one live ticket, a message stands there once and in order.
 */
export const KINDS: Partial<Record<StreamType, Kind>> = {
  company: companyKind,
  user: userKind,
  queue: queueKind,
  session: sessionKind,
  contact: contactKind,
  alias: aliasKind,
  conversation: conversationKind,
  ticket: ticketKind,
}

/** A customer's message as it is expected: which chat it belongs to, and its place in there. */
export type Expected = { readonly chat: string; readonly place: number }

export const startActor = (chart: AnyStateMachine): AnyActor => {
  const actor = createActor(chart)
  actor.subscribe({ error: () => undefined })
  return actor.start()
}

/** Lets a chart take one fact, if it can follow. */
export const take = (actor: AnyActor, fact: SealedFact): boolean => {
  if (!(actor.getSnapshot() as { can(fact: unknown): boolean }).can(fact)) return false
  actor.send(fact as never)
  return (actor.getSnapshot() as { status: string }).status !== 'error'
}

type Look = (event: StoredEvent, fact: SealedFact) => void
const textOf = (event: StoredEvent, key: string): string => {
  const value = event.data[key]
  return typeof value === 'string' ? value : ''
}

export const watchLog = (
  log: MemoryLog,
  expected: ReadonlyMap<string, Expected>,
  broken: (violation: unknown) => void,
) => {
  const ids = new Set<string>()
  const heads = new Map<string, string>()
  const actors = new Map<string, AnyActor>()
  const numbers = new Map<string, string>()
  const live = new Map<string, Set<string>>()
  const conversationOf = new Map<string, string>()
  const received = new Map<string, string>()
  const queued = new Map<string, string>()
  const requeued = new Map<string, number>()
  const lastPlace = new Map<string, number>()
  const letters: string[] = []

  const chained = (event: StoredEvent): void => {
    if (ids.has(event.id))
      throw new Violation('event ids are unique', `${event.stream}@${event.revision} ${event.id}`)
    ids.add(event.id)
    const prev = heads.get(event.stream) ?? ''
    if (event.metadata['prev'] !== prev)
      throw new Violation('the hash chain is whole', `${event.stream}@${event.revision} ${event.type}`)
    heads.set(
      event.stream,
      chainHash({ id: event.id, type: event.type, data: event.data, metadata: event.metadata }),
    )
  }

  const explained = (event: StoredEvent, fact: SealedFact): void => {
    const kind = KINDS[addressOf(event.stream).type]
    if (!kind) return
    const actor = actors.get(event.stream) ?? startActor(kind.chart)
    actors.set(event.stream, actor)
    const before = JSON.stringify((actor.getSnapshot() as { value: unknown }).value)
    if (!take(actor, fact))
      throw new Violation(
        'every fact follows from its history',
        `${event.stream}@${event.revision}: ${event.type} after ${before}`,
      )
  }

  const oneLiveTicket = (ticketId: string, fact: SealedFact): void => {
    const { conversationId, number } = fact.data as { conversationId: string; number: number }
    if (fact.type === 'ticket.opened') {
      if (!conversationOf.has(ticketId)) conversationOf.set(ticketId, conversationId)
      const other = numbers.get(`${fact.meta.companyId} ${number}`)
      if (other) throw new Violation('ticket numbers are unique', `${number}: ${other} and ${ticketId}`)
      numbers.set(`${fact.meta.companyId} ${number}`, ticketId)
    }
    const of = conversationOf.get(ticketId)!
    const alive = live.get(of) ?? new Set()
    live.set(of, alive)
    if (fact.type === 'ticket.closed') alive.delete(ticketId)
    else alive.add(ticketId)
    judge(of)
  }

  const judge = (conversationId: string): void => {
    const alive = live.get(conversationId) ?? new Set()
    if (alive.size > 1)
      throw new Violation('a conversation has one live ticket', `${conversationId}: ${[...alive].join(', ')}`)
  }
  /** A live ticket is that conversation's by which it was claimed last: of two that become one, the one that stays. */
  const moved: Look = (event, fact) => {
    const { ticketId } = fact.data as { ticketId: string }
    const { id } = addressOf(event.stream)
    const before = conversationOf.get(ticketId)
    conversationOf.set(ticketId, id)
    if (before === undefined || before === id || !live.get(before)?.delete(ticketId)) return
    live.set(id, (live.get(id) ?? new Set()).add(ticketId))
    judge(id)
  }
  const led: Look = event => {
    const { id } = addressOf(event.stream)
    const left = live.get(id)
    if (left && left.size > 0)
      throw new Violation('nothing lives where nobody writes any more', `${id}: ${[...left].join(', ')}`)
  }

  const oneMessage = (event: StoredEvent): void => {
    const messageId = textOf(event, 'messageId')
    const place = `${event.stream}@${event.revision}`
    const other = received.get(messageId)
    if (other) throw new Violation('a message stands in the log once', `${messageId}: ${other} and ${place}`)
    received.set(messageId, place)
    const known = expected.get(messageId)
    if (!known) throw new Violation('nobody wrote this', `${messageId} at ${place}`)
    const last = lastPlace.get(known.chat) ?? -1
    if (known.place <= last)
      throw new Violation('a chat keeps its order', `${known.chat}: ${known.place} after ${last} at ${place}`)
    lastPlace.set(known.chat, known.place)
  }

  const lifecycle: Look = (event, fact) => oneLiveTicket(addressOf(event.stream).id, fact)
  const looks: { readonly [T in SealedFact['type']]?: Look } = {
    'conversation.ticketClaimed': moved,
    'conversation.redirected': led,
    'ticket.opened': lifecycle,
    'ticket.reopened': lifecycle,
    'ticket.closed': lifecycle,
    'message.received': oneMessage,
    'message.mirrored': oneMessage,
    'message.queued': event => {
      const messageId = textOf(event, 'messageId')
      if (queued.has(messageId)) throw new Violation('a message is queued once', messageId)
      queued.set(messageId, event.stream)
    },
    'message.requeued': event => {
      const messageId = textOf(event, 'messageId')
      requeued.set(messageId, (requeued.get(messageId) ?? 0) + 1)
    },
    'deadLetter.recorded': event => void letters.push(`${event.stream}: ${textOf(event, 'reason')}`),
  }

  const look = (event: StoredEvent): void => {
    chained(event)
    const fact = decodeOpen(event)
    explained(event, fact)
    looks[fact.type]?.(event, fact)
  }

  log.onAppended(events => {
    try {
      for (const event of events) look(event)
    } catch (error) {
      // Not to whoever appends: to whoever watches.
      broken(error)
    }
  })
  return {
    /** The chart of a stream, after everything that stands in the log. */
    actor: (stream: string): AnyActor | undefined => actors.get(stream),
    streams: (): string[] => [...actors.keys()],
    received: (messageId: string): boolean => received.has(messageId),
    receivedCount: (): number => received.size,
    queued: (): ReadonlyMap<string, string> => queued,
    requeues: (messageId: string): number => requeued.get(messageId) ?? 0,
    liveTickets: (conversationId: string): readonly string[] => [...(live.get(conversationId) ?? [])],
    letters: (): readonly string[] => letters,
  }
}
export type LogWatch = ReturnType<typeof watchLog>
