import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allEvents, type DomainEvent, type RecordedEvent } from '../events/all.ts'
import type { NameSource } from '../events/contact.ts'
import { ACKS, type Ack } from '../events/message.ts'
import { nextAck, requeuedAck } from './ack.ts'
import { contactRow } from './contact-row.ts'
import { step, type Keyed, type Projection } from './define.ts'
import { sessionRow } from './session-row.ts'
import { projections } from './tables.ts'
import { foldTicket } from './time-travel.ts'

const company = '00000000-0000-8000-8000-00000000000a'
const id = '00000000-0000-8000-8000-000000000001'
const messageId = '00000000-0000-8000-8000-000000000002'
const queueId = '00000000-0000-8000-8000-000000000003'
const ana = '00000000-0000-8000-8000-000000000004'
const opening = {
  number: 7,
  sessionId: id,
  conversationId: id,
  contactId: id,
  isGroup: false,
  queueId,
  userId: null,
  ordinal: 1,
}

const minute = (n: number): string => `2026-01-01T10:${String(n).padStart(2, '0')}:00.000Z`

const recorded = (kind: string, facts: readonly DomainEvent[]): RecordedEvent[] =>
  facts.map((fact, revision) => ({
    ...fact,
    id: `event-${revision}`,
    stream: `${kind}-${company}.${id}`,
    revision,
    position: `p${revision}`,
    meta: {
      companyId: company,
      actor: { kind: 'system', id: 'test' },
      at: minute(revision),
      commandId: id,
      correlationId: 'c',
      schema: 1,
      prev: '',
    },
  })) as unknown as RecordedEvent[]

const given = (...facts: DomainEvent[]) => foldTicket(recorded('ticket', facts))
const fold = <Row extends Keyed>(
  projection: Projection<Row>,
  kind: string,
  ...facts: DomainEvent[]
): Row | undefined =>
  recorded(kind, facts).reduce<Row | undefined>(
    (row, fact) => step(projection, row, fact, { ticket: undefined, conversation: undefined }),
    undefined,
  )

const opened: DomainEvent = { type: 'ticket.opened', data: opening }
const received: DomainEvent = {
  type: 'message.received',
  data: {
    messageId,
    authorId: id,
    kind: 'text',
    sentAt: minute(0),
    receivedAt: minute(1),
    late: false,
    personal: { body: 'hello', providerMessageId: 'p' },
  },
}
const queued = {
  type: 'message.queued',
  data: { messageId, userId: ana, kind: 'text', deadline: minute(59), personal: { body: 'answer' } },
} as const satisfies DomainEvent

describe('ticket', () => {
  test('opened without an agent it waits, with one it is open', () => {
    expect(given(opened)?.ticket).toMatchObject({
      status: 'pending',
      pending_since: minute(0),
      accepted_at: null,
      number: 7,
    })
    const owned = given({ type: 'ticket.opened', data: { ...opening, userId: ana } })
    expect(owned?.ticket).toMatchObject({
      status: 'open',
      user_id: ana,
      accepted_at: minute(0),
      pending_since: null,
    })
  })

  test('what a customer wrote is unread until an agent accepts, answers or sees it', () => {
    expect(given(opened, received)?.ticket).toMatchObject({
      unread_count: 1,
      last_preview: 'hello',
      last_ack: 'received',
      revision: 1,
    })
    expect(given(opened, received, { type: 'ticket.seen', data: { userId: ana } })?.ticket.unread_count).toBe(
      0,
    )
    expect(given(opened, received, queued)?.ticket.unread_count).toBe(0)
    const { userId: _, ...ofTheServer } = queued.data
    const automatic: DomainEvent = { type: 'message.queued', data: ofTheServer }
    expect(given(opened, received, automatic)?.ticket.unread_count).toBe(1)
    const accepted = given(opened, received, { type: 'ticket.accepted', data: { userId: ana, waitedMs: 1 } })
    expect(accepted?.ticket).toMatchObject({ status: 'open', unread_count: 0, pending_since: null })
  })

  test('acks and being seen are no activity, but count as revisions', () => {
    const ticket = given(
      opened,
      queued,
      { type: 'message.sending', data: { messageId, attempt: 1, fence: '1' } },
      { type: 'ticket.seen', data: { userId: ana } },
    )
    expect(ticket?.ticket).toMatchObject({ updated_at: minute(1), revision: 3, last_ack: 'sending' })
  })

  test('returned it waits anew, closed it waits no more, reopened by the customer it waits again', () => {
    const accepted: DomainEvent = { type: 'ticket.accepted', data: { userId: ana, waitedMs: 1 } }
    const closed: DomainEvent = { type: 'ticket.closed', data: { reason: 'solved', userId: ana } }
    expect(
      given(opened, accepted, { type: 'ticket.returned', data: { fromUserId: ana } })?.ticket,
    ).toMatchObject({ status: 'pending', user_id: null, pending_since: minute(2) })
    expect(given(opened, accepted, closed)?.ticket).toMatchObject({
      status: 'closed',
      closed_at: minute(2),
      user_id: ana,
    })
    const again: DomainEvent = { type: 'ticket.reopened', data: { userId: null, by: 'customer', ordinal: 2 } }
    expect(given(opened, accepted, closed, again)?.ticket).toMatchObject({
      status: 'pending',
      closed_at: null,
      user_id: null,
    })
  })

  test('an acknowledgement of an older message leaves the preview alone', () => {
    const other = { ...received, data: { ...received.data, messageId: queueId } } as DomainEvent
    expect(
      given(opened, queued, other, { type: 'message.delivered', data: { messageId, at: minute(3) } })?.ticket
        .last_ack,
    ).toBe('received')
  })
})

describe('message', () => {
  test('deleted for everyone keeps its body', () => {
    const ticket = given(opened, received, { type: 'message.revoked', data: { messageId, at: minute(9) } })
    expect(ticket?.messages[0]).toMatchObject({ body: 'hello', deleted_at: minute(9) })
    expect(ticket?.ticket.last_preview).toBe('')
  })

  test('someone has one reaction at a time, and may take it back', () => {
    const react = (emoji: string): DomainEvent => ({
      type: 'message.reacted',
      data: { messageId, fromMe: true, personal: { emoji } },
    })
    expect(given(opened, received, react('👍'), react('🎉'))?.messages[0]?.reactions).toEqual([
      { emoji: '🎉', fromMe: true, authorId: null },
    ])
    expect(given(opened, received, react('👍'), react(''))?.messages[0]?.reactions).toEqual([])
  })

  test('a failure that turns out delivered is no failure', () => {
    const failed: DomainEvent = {
      type: 'message.failed',
      data: { messageId, reason: 'no', code: '131', retryable: true },
    }
    expect(given(opened, queued, failed)?.messages[0]).toMatchObject({
      ack: 'failed',
      error: { code: '131' },
    })
    const delivered: DomainEvent = { type: 'message.delivered', data: { messageId, at: minute(4) } }
    expect(given(opened, queued, failed, delivered)?.messages[0]).toMatchObject({
      ack: 'delivered',
      error: null,
    })
  })

  test('facts about a message that nobody knows change nothing', () => {
    expect(given(opened, { type: 'message.read', data: { messageId, at: minute(1) } })?.messages).toEqual([])
  })
})

describe('acks', () => {
  const order: Ack[] = ['queued', 'sending', 'sent', 'delivered', 'read', 'played']
  const ack = fc.constantFrom<Ack>(...ACKS.filter(one => one !== 'received' && one !== 'queued'))

  test('what arrived never un-arrives, in whatever order the channel tells it', () => {
    fc.assert(
      fc.property(fc.array(ack, { maxLength: 12 }), told => {
        const seen = told.filter(one => order.indexOf(one) >= 3).map(one => order.indexOf(one))
        const end = told.reduce<Ack>(nextAck, 'queued')
        if (seen.length > 0) expect(order.indexOf(end)).toBe(Math.max(...seen))
        expect(requeuedAck(end) === 'queued').toBe(order.indexOf(end) < 2)
      }),
    )
  })

  test('a late sent lowers nothing and excuses no failure, but resolves the unknown', () => {
    expect(nextAck('read', 'sent')).toBe('read')
    expect(nextAck('failed', 'sent')).toBe('failed')
    expect(nextAck('unknown', 'sent')).toBe('sent')
    expect(nextAck('received', 'read')).toBe('received')
  })
})

test('a name that a user gave outlives the address book, and that what people call themselves', () => {
  const created: DomainEvent = {
    type: 'contact.created',
    data: {
      isGroup: false,
      nameHash: null,
      source: 'channel',
      personal: { name: 'zé', phone: null, email: null, addresses: [] },
    },
  }
  const renamed = (name: string, source: NameSource): DomainEvent => ({
    type: 'contact.renamed',
    data: { nameHash: 'h', source, personal: { name } },
  })
  expect(fold(contactRow, 'contact', created, renamed('Zé', 'channel'))?.name).toBe('Zé')
  expect(
    fold(contactRow, 'contact', created, renamed('José', 'user'), renamed('zezinho', 'channel')),
  ).toMatchObject({ name: 'José', name_search: 'jose' })
  const book = renamed('José da Obra', 'address-book')
  expect(fold(contactRow, 'contact', created, book, renamed('zezinho', 'channel'))?.name).toBe('José da Obra')
  expect(fold(contactRow, 'contact', created, renamed('José', 'user'), book)?.name).toBe('José')
  expect(fold(contactRow, 'contact', created, book, renamed('José', 'user'))?.name).toBe('José')
  const phone: DomainEvent = {
    type: 'contact.aliasAdded',
    data: { aliasId: id, personal: { address: { kind: 'phone', value: '551187654321' } } },
  }
  expect(fold(contactRow, 'contact', created, phone)).toMatchObject({
    phone: '5511987654321',
    search: expect.stringMatching(/551187654321'.*'[^']*87654321'/),
  })
})

test('a session stays wanted while it reconnects, and no longer once it was logged out', () => {
  const created: DomainEvent = {
    type: 'session.created',
    data: {
      name: 'n',
      provider: 'simulator',
      queueIds: [],
      settings: { reopenPolicy: 'new', reopenMinutes: 0 },
      isDefault: false,
    },
  }
  const start: DomainEvent = { type: 'session.startRequested', data: {} }
  const lost: DomainEvent = { type: 'session.disconnected', data: { reason: 'cut', code: null } }
  expect(fold(sessionRow, 'session', created, start, lost)).toMatchObject({
    status: 'reconnecting',
    wanted: true,
    reason: 'cut',
    since: minute(2),
  })
  const [from, to] = [minute(1), minute(3)]
  const away: DomainEvent = { type: 'session.gapRecorded', data: { from, to } }
  const past: DomainEvent = { type: 'session.gapRecorded', data: { from, to, of: 'history' } }
  expect(fold(sessionRow, 'session', created, past)?.gaps).toEqual([])
  expect(fold(sessionRow, 'session', created, past, away)?.gaps).toMatchObject([{ count: 1, seconds: 120 }])
  const out: DomainEvent = { type: 'session.loggedOut', data: { reason: '401' } }
  expect(fold(sessionRow, 'session', created, start, out)).toMatchObject({
    status: 'logged-out',
    wanted: false,
  })
})

test('every read model says something about every fact there is', () => {
  for (const projection of projections)
    expect(Object.keys(projection.handlers).sort(), projection.table).toEqual(Object.keys(allEvents).sort())
})
