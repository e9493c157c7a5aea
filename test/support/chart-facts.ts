import type { AnyMachineSnapshot } from 'xstate'
import { aliasKind, contactKind } from '../../src/actors/contact/chart.ts'
import { companyKind, deadLetterKind, queueKind, userKind } from '../../src/actors/company/chart.ts'
import { conversationKind } from '../../src/actors/conversation/chart.ts'
import type { Kind } from '../../src/actors/kind.ts'
import { sessionKind } from '../../src/actors/session/chart.ts'
import { ticketKind } from '../../src/actors/ticket/chart.ts'
import type { EventType } from '../../src/events/all.ts'
import type { JsonObject, StoredEvent } from '../../src/eventstore/port.ts'
import { chainHash, decodeOpen, encode, type SealedFact } from '../../src/eventstore/codec.ts'
import { allEvents } from '../../src/events/all.ts'
import type { DomainEvent } from '../../src/events/all.ts'
import type { FactDefinition } from '../../src/events/define.ts'
import { COMPANY, idOf, NOW } from './given.ts'
import { examples } from './golden.ts'

export const ALL_KINDS: readonly Kind[] = [
  ticketKind,
  conversationKind,
  contactKind,
  aliasKind,
  sessionKind,
  companyKind,
  userKind,
  queueKind,
  deadLetterKind,
]

/** What a fact may say that leads elsewhere than its example. */
const VARIANTS: { readonly [T in EventType]?: readonly JsonObject[] } = {
  'ticket.opened': [{ userId: idOf('ana') }, { userId: null }],
  'ticket.reopened': [{ userId: idOf('ana') }, { userId: null }],
  'contact.absorbed': [{ blocked: false }, { blocked: true }],
  'contact.unmerged': [{ blocked: false }, { blocked: true }],
  'deadLetter.retried': [{ outcome: 'processed' }, { outcome: 'failed' }],
}

const KEY = Buffer.alloc(32, 1)
const MESSAGES = 5

/** One fact of a type as the store has it, varied by a number: which message it is about, and which way it leads. */
export const storedFact = (type: EventType, vary: number, revision: number, prev = ''): StoredEvent => {
  const definition: FactDefinition = allEvents[type]
  const example = examples[type] as object
  const variants = VARIANTS[type] ?? [{}]
  const about = 'messageId' in example ? { messageId: idOf(`message ${vary % MESSAGES}`) } : {}
  const data = { ...example, ...about, ...variants[vary % variants.length] }
  const meta = {
    companyId: COMPANY,
    actor: { kind: 'user' as const, id: idOf('ana') },
    at: NOW,
    commandId: idOf(`command ${vary}`),
    ...(vary % 3 === 0 ? { commandHash: 'hash' } : {}),
    correlationId: 'test',
    ...(definition.personal ? { subject: idOf('maria') } : {}),
    prev,
  }
  const event = encode({ type, data } as DomainEvent, idOf(`event ${revision} ${vary}`), meta, KEY)
  return { ...event, stream: 'test', revision, position: '', created: 0 } as unknown as StoredEvent
}

export const typesOf = (kind: Kind): EventType[] =>
  [...kind.chart.events].toSorted((a, b) => (a < b ? -1 : 1)) as EventType[]

/** A step of a made-up life: which of the facts that could come comes, and of what kind. */
export type Step = { readonly pick: number; readonly vary: number }

/** A history that the chart allows: at each step one of the facts that may come. */
export const legalHistory = (
  kind: Kind,
  steps: readonly Step[],
  live: { snapshot(): AnyMachineSnapshot; evolve(event: StoredEvent): void },
): StoredEvent[] => {
  const events: StoredEvent[] = []
  let prev = ''
  for (const { pick, vary } of steps) {
    const could = typesOf(kind)
      .map(type => storedFact(type, vary, events.length, prev))
      .filter(event => live.snapshot().can(decodeOpen(event)))
    const event = could[pick % Math.max(1, could.length)]
    if (!event) break
    live.evolve(event)
    events.push(event)
    prev = chainHash({ id: event.id, type: event.type, data: event.data, metadata: event.metadata })
  }
  return events
}

export const factOf = (type: EventType, vary: number, revision = 0): SealedFact =>
  decodeOpen(storedFact(type, vary, revision))
