import type { DomainEvent } from '../../../src/events/all.ts'
import type { Role } from '../../../src/events/company.ts'
import type { FactActor } from '../../../src/events/define.ts'
import type { StreamType } from '../../../src/eventstore/streams.ts'
import type { Chance } from './chance.ts'
import { personName, phoneNumber } from './text.ts'

/** One fact as the story tells it. */
export type Said = {
  readonly id: string
  readonly commandId: string
  readonly fact: DomainEvent
  /** ISO 8601. */
  readonly at: string
  readonly actor: FactActor
}
/** Facts of one stream that are appended together. `subject`: whose key seals their personal parts. */
export type Burst = {
  readonly companyId: string
  readonly type: StreamType
  readonly id: string
  readonly subject: string
  readonly said: readonly Said[]
}

/** Who and what the story is about. */
export type Cast = {
  readonly companyId: string
  readonly sessionIds: readonly string[]
  readonly queueIds: readonly string[]
  /** Users who accept and answer, each with the queues that they work in. */
  readonly agents: readonly { readonly id: string; readonly queueIds: readonly string[] }[]
}
export type Person = {
  readonly contactId: string
  readonly conversationId: string
  readonly sessionId: string
  readonly isGroup: boolean
  readonly phone: string
  readonly name: string
}

export const system: FactActor = { kind: 'system', id: 'history' }

export const say = (chance: Chance, at: number, actor: FactActor, fact: DomainEvent): Said => ({
  id: chance.uuid(),
  commandId: chance.uuid(),
  fact,
  at: new Date(at).toISOString(),
  actor,
})

const QUEUES = ['Vendas', 'Suporte', 'Financeiro', 'Entregas', 'Pós-venda', 'Agendamento']
const SETTINGS = { reopenPolicy: 'reopen', reopenMinutes: 120 } as const

/** A company with its users, queues and connected sessions, and the facts that made it. */
export const foundCompany = (
  chance: Chance,
  companyId: string,
  at: number,
  agents: number,
): { cast: Cast; bursts: Burst[] } => {
  const bursts: Burst[] = []
  const burst = (type: StreamType, id: string, ...facts: DomainEvent[]): string => {
    bursts.push({
      companyId,
      type,
      id,
      subject: id,
      said: facts.map(fact => say(chance, at, system, fact)),
    })
    return id
  }
  burst('company', companyId, {
    type: 'company.created',
    data: { name: 'Large', locale: 'pt-BR', timeZone: 'America/Sao_Paulo' },
  })
  const queueIds = QUEUES.map(name =>
    burst('queue', chance.uuid(), { type: 'queue.created', data: { name, color: '#00aa55' } }),
  )
  const user = (role: Role, ownQueues: readonly string[]): string =>
    burst('user', chance.uuid(), {
      type: 'user.created',
      data: {
        role,
        queueIds: [...ownQueues],
        locale: 'pt-BR',
        personal: { name: personName(chance), email: `${chance.uuid()}@example.com` },
      },
    })
  user('admin', [])
  const cast: Cast = {
    companyId,
    queueIds,
    agents: Array.from({ length: agents }, (_, i) => {
      const own = [queueIds[i % queueIds.length]!, queueIds[(i * 5 + 1) % queueIds.length]!]
      return { id: user('agent', own), queueIds: own }
    }),
    sessionIds: ['Matriz', 'Filial', 'Site'].map((name, i) =>
      burst(
        'session',
        chance.uuid(),
        {
          type: 'session.created',
          data: { name, provider: 'simulator', queueIds: [], settings: SETTINGS, isDefault: i === 0 },
        },
        { type: 'session.startRequested', data: {} },
        { type: 'session.owned', data: { node: 'history' } },
        { type: 'session.connected', data: { account: phoneNumber(i) } },
      ),
    ),
  }
  return { cast, bursts }
}

/** Somebody new, with the alias, the contact and the conversation. */
export const meet = (
  chance: Chance,
  cast: Cast,
  n: number,
  at: number,
): { person: Person; bursts: Burst[] } => {
  const person: Person = {
    contactId: chance.uuid(),
    conversationId: chance.uuid(),
    sessionId: cast.sessionIds[Math.floor(chance.next() ** 2 * cast.sessionIds.length)]!,
    isGroup: chance.is(0.02),
    phone: phoneNumber(n + 100),
    name: personName(chance),
  }
  const { contactId, phone, name, isGroup, sessionId } = person
  const addresses = [{ kind: isGroup ? ('group' as const) : ('phone' as const), value: phone }]
  const burst = (type: StreamType, id: string, fact: DomainEvent): Burst => ({
    companyId: cast.companyId,
    type,
    id,
    subject: contactId,
    said: [say(chance, at, { kind: 'channel', id: sessionId }, fact)],
  })
  return {
    person,
    bursts: [
      burst('alias', chance.uuid(), { type: 'alias.claimed', data: { contactId } }),
      burst('contact', contactId, {
        type: 'contact.created',
        data: {
          isGroup,
          nameHash: null,
          source: 'channel',
          personal: { name, phone: isGroup ? null : phone, email: null, addresses },
        },
      }),
      burst('conversation', person.conversationId, {
        type: 'conversation.started',
        data: { sessionId, contactId, isGroup, addressesHash: 'h', personal: { addresses } },
      }),
    ],
  }
}
