import type { DomainEvent } from '../../src/events/all.ts'
import { allEvents } from '../../src/events/all.ts'
import type { FactActor, FactDefinition, FactMeta } from '../../src/events/define.ts'
import { chainHash, encode } from '../../src/eventstore/codec.ts'
import type { EventStore, NewEvent } from '../../src/eventstore/port.ts'
import { streamName, type StreamType } from '../../src/eventstore/streams.ts'
import { derivedId, type CompanyId } from '../../src/shared/ids.ts'
import type { Vault, VaultWrite } from '../../src/vault/port.ts'

/**
 * Years of a help desk, written in a minute: contacts who each come back with one ticket after the other, with the facts
 * that such days leave, sealed and chained as the server does it. The same `contacts` give the same ids and texts (keys
 * and nonces are random).
 */
export type BigLogOptions = {
  readonly store: EventStore
  readonly vault: Vault
  /** The company that has it all; its own facts must be there already. */
  readonly companyId: CompanyId
  readonly events: number
}
export type BigLog = { readonly events: number; readonly tickets: number; readonly contacts: number }

const TICKETS_OF_A_CONTACT = 10
const TURNS_OF_A_TICKET = 3
/** Of every so many contacts one still has its last ticket open. */
const OPEN_EVERY = 4
const BEGAN = Date.parse('2024-01-02T12:00:00.000Z')
const APPENDS_AT_ONCE = 256
const KEYS_AT_ONCE = 2_000
const SYSTEM: FactActor = { kind: 'system', id: 'big-log' }

type Said = { readonly fact: DomainEvent; readonly at: number; readonly actor?: FactActor }

/** The facts of one stream as events, sealed for its subject and chained. */
const eventsOf = (
  companyId: CompanyId,
  stream: string,
  said: readonly Said[],
  subject: string,
  key: Buffer | null,
): NewEvent[] => {
  let prev = ''
  return said.map(({ fact, at, actor }, revision) => {
    const personal = (allEvents[fact.type] as FactDefinition).personal !== undefined
    const meta: Omit<FactMeta, 'schema'> = {
      companyId,
      actor: actor ?? SYSTEM,
      at: new Date(at).toISOString(),
      commandId: derivedId('big-log', stream, revision, 'command'),
      correlationId: 'big-log',
      ...(personal ? { subject } : {}),
      prev,
    }
    const event = encode(fact, derivedId('big-log', stream, revision), meta, personal ? key : null)
    prev = chainHash(event)
    return event
  })
}

const text = (seed: number): string =>
  ['Olá, meu pedido ainda não chegou', 'Pode verificar o endereço?', 'Obrigada, era isso mesmo', '👍'][
    seed % 4
  ]! +
  ' '.repeat(seed % 3) +
  `#${seed}`

type Place = {
  readonly companyId: CompanyId
  readonly sessionId: string
  readonly queueId: string
  readonly agents: readonly string[]
}

const ticketFacts = (place: Place, contact: number, n: number, open: boolean) => {
  const contactId = derivedId('big-log', 'contact', contact)
  const conversationId = derivedId('big-log', 'conversation', contact)
  const ticketId = derivedId('big-log', 'ticket', contact, n)
  const userId = place.agents[(contact + n) % place.agents.length]!
  const opening = {
    number: 1 + contact * TICKETS_OF_A_CONTACT + n,
    sessionId: place.sessionId,
    conversationId,
    contactId,
    isGroup: false,
    queueId: place.queueId,
    userId: null,
  }
  const person: FactActor = { kind: 'contact', id: contactId }
  const agent: FactActor = { kind: 'user', id: userId }
  let at = BEGAN + (n * 7 * 24 + (contact % 160)) * 3_600_000 + contact
  const messageIds: string[] = []
  const messageId = (label: string): string => {
    const id = derivedId('big-log', 'message', contact, n, label)
    messageIds.push(id)
    return id
  }
  const said: Said[] = [{ fact: { type: 'ticket.opened', data: { ...opening, ordinal: n + 1 } }, at }]
  const receive = (label: string): void => {
    at += 41_000
    const sentAt = new Date(at).toISOString()
    const personal = {
      body: text(contact + n + said.length),
      providerMessageId: `in-${contact}-${n}-${label}`,
    }
    said.push({
      fact: {
        type: 'message.received',
        data: {
          messageId: messageId(label),
          authorId: contactId,
          kind: 'text',
          sentAt,
          receivedAt: sentAt,
          late: false,
          personal,
        },
      },
      at,
      actor: person,
    })
  }
  const reply = (label: string): void => {
    const id = messageId(label)
    at += 63_000
    const later = (ms: number): string => new Date(at + ms).toISOString()
    const personal = { body: text(contact * 3 + n) }
    said.push(
      {
        fact: {
          type: 'message.queued',
          data: { messageId: id, userId, kind: 'text', deadline: later(1_800_000), personal },
        },
        at,
        actor: agent,
      },
      { fact: { type: 'message.sending', data: { messageId: id, attempt: 1, fence: '1' } }, at: at + 20 },
      {
        fact: {
          type: 'message.sent',
          data: { messageId: id, personal: { providerMessageId: `out-${contact}-${n}-${label}` } },
        },
        at: at + 200,
      },
      { fact: { type: 'message.delivered', data: { messageId: id, at: later(900) } }, at: at + 900 },
      { fact: { type: 'message.read', data: { messageId: id, at: later(9_000) } }, at: at + 9_000 },
    )
  }
  receive('first')
  at += 30_000
  said.push({ fact: { type: 'ticket.accepted', data: { userId, waitedMs: 30_000 } }, at, actor: agent })
  for (let turn = 0; turn < TURNS_OF_A_TICKET; turn++) {
    reply(`out ${turn}`)
    receive(`in ${turn}`)
  }
  at += 60_000
  if (!open)
    said.push({ fact: { type: 'ticket.closed', data: { reason: 'solved', userId } }, at, actor: agent })
  const claimed: Said = {
    fact: { type: 'conversation.ticketClaimed', data: { ticketId, ordinal: n + 1, reopen: false, opening } },
    at: said[0]!.at,
  }
  const released: Said = {
    fact: {
      type: 'conversation.ticketReleased',
      data: {
        ticketId,
        ordinal: n + 1,
        closedAt: new Date(at).toISOString(),
        queueId: place.queueId,
        userId,
        messageIds,
      },
    },
    at,
  }
  return { ticketId, said, ofConversation: open ? [claimed] : [claimed, released] }
}

/** All streams of one contact. */
const contactStreams = (
  place: Place,
  contact: number,
  key: Buffer,
): { stream: string; events: NewEvent[] }[] => {
  const { companyId } = place
  const contactId = derivedId('big-log', 'contact', contact)
  const stream = (type: StreamType, id: string): string => streamName({ company: companyId, type, id })
  const addresses = [{ kind: 'phone' as const, value: `5511${900_000_000 + contact}` }]
  const personal = { name: `Contact ${contact}`, phone: addresses[0]!.value, email: null, addresses }
  const made: { stream: string; said: Said[] }[] = [
    {
      stream: stream('contact', contactId),
      said: [
        {
          fact: {
            type: 'contact.created',
            data: { isGroup: false, nameHash: null, source: 'channel', personal },
          },
          at: BEGAN,
        },
      ],
    },
  ]
  const conversation: Said[] = [
    {
      fact: {
        type: 'conversation.started',
        data: {
          sessionId: place.sessionId,
          contactId,
          isGroup: false,
          addressesHash: 'h',
          personal: { addresses },
        },
      },
      at: BEGAN,
    },
  ]
  for (let n = 0; n < TICKETS_OF_A_CONTACT; n++) {
    const open = n === TICKETS_OF_A_CONTACT - 1 && contact % OPEN_EVERY === 0
    const { ticketId, said, ofConversation } = ticketFacts(place, contact, n, open)
    made.push({ stream: stream('ticket', ticketId), said })
    conversation.push(...ofConversation)
  }
  made.push({
    stream: stream('conversation', derivedId('big-log', 'conversation', contact)),
    said: conversation,
  })
  return made.map(({ stream: name, said }) => ({
    stream: name,
    events: eventsOf(companyId, name, said, contactId, key),
  }))
}

const makeKeys = async (
  vault: Vault,
  companyId: CompanyId,
  subjects: readonly string[],
): Promise<Map<string, Buffer>> => {
  const keys = new Map(subjects.map(subject => [subject, crypto.getRandomValues(Buffer.alloc(32))]))
  const writes = [...keys].map(([subject, key]): VaultWrite => ({
    put: ['data-keys', `${companyId}/${subject}`, key.toString('base64')],
  }))
  for (let at = 0; at < writes.length; at += KEYS_AT_ONCE)
    await vault.write(writes.slice(at, at + KEYS_AT_ONCE))
  return keys
}

const foundPlace = async ({ store, vault, companyId }: BigLogOptions): Promise<Place> => {
  const place = {
    companyId,
    sessionId: derivedId('big-log', 'session'),
    queueId: derivedId('big-log', 'queue'),
    agents: Array.from({ length: 20 }, (_, n) => derivedId('big-log', 'agent', n)),
  }
  const keys = await makeKeys(vault, companyId, place.agents)
  const write = async (type: StreamType, id: string, fact: DomainEvent): Promise<void> => {
    const stream = streamName({ company: companyId, type, id })
    const events = eventsOf(companyId, stream, [{ fact, at: BEGAN }], id, keys.get(id) ?? null)
    await store.append(stream, 'none', events)
  }
  const settings = { reopenPolicy: 'reopen', reopenMinutes: 120 } as const
  await write('queue', place.queueId, { type: 'queue.created', data: { name: 'Sales', color: '#00aa55' } })
  await write('session', place.sessionId, {
    type: 'session.created',
    data: { name: 'Front desk', provider: 'simulator', queueIds: [place.queueId], settings, isDefault: true },
  })
  for (const [n, id] of place.agents.entries())
    await write('user', id, {
      type: 'user.created',
      data: {
        role: 'agent',
        queueIds: [place.queueId],
        locale: 'pt-BR',
        personal: { name: `Agent ${n}`, email: `agent${n}@example.com` },
      },
    })
  return place
}

/** Writes at least so many events, in streams as long as those of a real desk. */
export const writeBigLog = async (options: BigLogOptions): Promise<BigLog> => {
  const { store, vault, companyId, events } = options
  const place = await foundPlace(options)
  let written = 2 + place.agents.length
  let contacts = 0
  while (written < events) {
    const some = Array.from({ length: 100 }, (_, n) => contacts + n)
    const keys = await makeKeys(
      vault,
      companyId,
      some.map(contact => derivedId('big-log', 'contact', contact)),
    )
    const streams = some.flatMap(contact =>
      contactStreams(place, contact, keys.get(derivedId('big-log', 'contact', contact))!),
    )
    for (let at = 0; at < streams.length; at += APPENDS_AT_ONCE)
      await Promise.all(
        streams.slice(at, at + APPENDS_AT_ONCE).map(one => store.append(one.stream, 'none', one.events)),
      )
    written += streams.reduce((sum, one) => sum + one.events.length, 0)
    contacts += some.length
  }
  return { events: written, tickets: contacts * TICKETS_OF_A_CONTACT, contacts }
}
