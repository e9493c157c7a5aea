import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnReady } from '../../test/columns.ts'
import { testPostgres } from '../../test/support/database.ts'
import { openExplained, type Explained, type ExplainedDatabase } from '../../test/support/explained.ts'
import { opened, received } from '../../test/support/facts.ts'
import { loadLargeTables } from '../../test/support/large-tables.ts'
import type { Role } from '../events/company.ts'
import type { RecordedEvent } from '../events/all.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import {
  newId,
  type CompanyId,
  type ContactId,
  type QueueId,
  type SessionId,
  type UserId,
} from '../shared/ids.ts'
import { createContactQueries } from './contacts.ts'
import { createDeadLetterQueries } from './dead-letters.ts'
import { createHistory, type HistorySource } from './history.ts'
import { createLookups } from './lookups.ts'
import { createMessageSearch } from './message-search.ts'
import { createMessageQueries } from './messages.ts'
import { createPeopleQueries } from './people.ts'
import { createSessionQueries } from './sessions.ts'
import { table } from './tables.ts'
import { createTicketQueries } from './tickets.ts'
import { createTimeTravel } from './time-travel.ts'

const LOAD_MS_MAX = 600_000
const LIMIT = 40
/** A page of a list touches its rows, the rows of those it names, and the way down some indexes. */
const ROWS_MAX = 1_000
const PAGES_MAX = 1_500
/**
 * Whatever bears a name or has no owner, and own tickets by how long they wait, is read whole and then sorted; a supervisor
 * looks in many places.
 */
const FOUND_ROWS_MAX = 5_000
const FOUND_PAGES_MAX = 5_000
/** Looked through, or found by a word that is neither rare nor common. */
const SEARCHED_ROWS_MAX = 60_000
const SEARCHED_PAGES_MAX = 60_000
const FOUND = ['a name', 'part of a name', 'of no queue', 'of nobody', 'longest waiting first']
/** Smaller than the way through an index. */
const SMALL_TABLES = ['user_row', 'queue_row', 'session_row', 'company_row']

/** What was said before the number was linked. */
const BESIDE = 100_000

/** How the questions of the API are answered with 20,000 tickets, 400,000 messages, and 100,000 beside all tickets. */
describe.skipIf(!(await columnReady('pg')))('plans on a large company', () => {
  let explained: ExplainedDatabase
  let drop: () => Promise<void>
  let asks: ReturnType<typeof questions>
  let agent: UserPrincipal
  const whoIs = (role: Role): UserPrincipal => ({ ...agent, role })
  const some = {
    ticket: '',
    contact: '',
    session: '',
    queue: '',
    message: '',
    provider: '',
    phone: '',
    letter: '',
  }

  const questions = () => {
    const { db } = explained
    const source: HistorySource = {
      db,
      store: {
        readStream: async function* (stream) {
          yield { id: some.ticket, stream, revision: 0 } as StoredEvent
          yield { id: some.message, stream, revision: 1 } as StoredEvent
        },
      },
      decode: async ({ id, stream, revision }) =>
        ({
          id,
          stream,
          revision,
          position: String(revision),
          ...(revision === 0
            ? opened({
                contactId: some.contact as ContactId,
                sessionId: some.session as SessionId,
                queueId: some.queue as QueueId,
                userId: agent.userId,
              })
            : {
                type: 'message.received',
                data: {
                  ...received('message').data,
                  messageId: some.message,
                  authorId: some.contact,
                  personal: { body: '' },
                },
              }),
          meta: {
            at: new Date(0).toISOString(),
            companyId: agent.companyId,
            actor: { kind: 'contact', id: some.contact },
          },
        }) as unknown as RecordedEvent,
    }
    return {
      ...createTicketQueries(db),
      ...createMessageQueries(db),
      ...createMessageSearch(db),
      ...createContactQueries(db),
      ...createSessionQueries(db),
      ...createPeopleQueries(db),
      ...createDeadLetterQueries(source),
      ...createHistory(source),
      ...createTimeTravel(source),
      ...createLookups(db),
    }
  }

  beforeAll(async () => {
    const given = process.env['LARGE_DATABASE_URL']
    const server = given ? { url: given, drop: async () => undefined } : await testPostgres()
    drop = server.drop
    explained = openExplained(server.url)
    if (!given) await loadLargeTables(server.url, { beside: BESIDE })
    asks = questions()
    const one = async <Row>(query: ReturnType<typeof sql<Row>>): Promise<Row> => {
      const { rows } = await query.execute(explained.db)
      if (!rows[0]) throw new Error('the history has no such thing')
      return rows[0]
    }
    const busy = await one(sql<{ company_id: string; id: string; queue_ids: string[] }>`
      select u.company_id, u.id, u.queue_ids from ${table('user_row')} u where u.role = 'agent'
      order by (select count(*) from ${table('ticket_row')} t where t.user_id = u.id) desc limit 1`)
    agent = {
      kind: 'user',
      role: 'agent',
      companyId: busy.company_id as CompanyId,
      userId: busy.id as UserId,
      queueIds: busy.queue_ids as QueueId[],
    }
    Object.assign(
      some,
      await one(sql<typeof some>`select t.id as ticket, t.contact_id as contact, t.session_id as session,
          ${busy.queue_ids[0]}::text as queue, (select id from ${table('message_row')} m where m.ticket_id = t.id limit 1) as message,
          'OUT.x' as provider, (select phone from ${table('contact_row')} c where c.id = t.contact_id) as phone,
          (select id from ${table('deadletter_row')} limit 1) as letter
        from ${table('ticket_row')} t where t.user_id = ${agent.userId} and t.status = 'closed'
          and t.contact_id in (select id from ${table('contact_row')} where phone is not null)
        order by (select count(*) from ${table('message_row')} m where m.ticket_id = t.id) desc limit 1`),
    )
  }, LOAD_MS_MAX)
  afterAll(async () => {
    await explained.close()
    await drop()
  })

  const problems = (
    found: readonly Explained[],
    rows = ROWS_MAX,
    pages = PAGES_MAX,
    mayScan: readonly string[] = SMALL_TABLES,
  ): string[] =>
    found
      .filter(
        one => one.scanned.some(name => !mayScan.includes(name)) || one.rows > rows || one.pages > pages,
      )
      .map(one => `rows=${one.rows} pages=${one.pages} ms=${one.ms}\n${one.shape}\n${one.sql}`)

  /** No table is read from end to end, and what is looked at does not grow with what there is. */
  const bounded = async (
    work: () => Promise<unknown>,
    limits: { statements?: number; rows?: number; pages?: number } = {},
  ): Promise<void> => {
    const found = await explained.explained(work)
    expect(problems(found, limits.rows, limits.pages)).toEqual([])
    expect(found).toHaveLength(limits.statements ?? 1)
  }

  const filters = (): Record<string, Parameters<typeof asks.tickets>[1]> => ({
    'no filter': { limit: LIMIT },
    pending: { limit: LIMIT, status: ['pending'] },
    'pending, longest waiting first': { limit: LIMIT, status: ['pending'], sort: 'oldest' },
    open: { limit: LIMIT, status: ['open'] },
    'open and pending': { limit: LIMIT, status: ['open', 'pending'] },
    closed: { limit: LIMIT, status: ['closed'] },
    snoozed: { limit: LIMIT, status: ['snoozed'] },
    'of a queue': { limit: LIMIT, queueId: some.queue },
    'of no queue': { limit: LIMIT, queueId: 'none' },
    'of a user': { limit: LIMIT, userId: agent.userId },
    'of a user, open': { limit: LIMIT, userId: agent.userId, status: ['open'] },
    'of nobody': { limit: LIMIT, userId: 'none' },
    'of a contact': { limit: LIMIT, contactId: some.contact },
    'of a session': { limit: LIMIT, sessionId: some.session },
    unread: { limit: LIMIT, unread: true },
    read: { limit: LIMIT, unread: false },
    'a name': { limit: LIMIT, q: 'Conceição' },
    'two names': { limit: LIMIT, q: 'Maria Silva' },
    'part of a name': { limit: LIMIT, q: 'ndra' },
    'a phone number': { limit: LIMIT, q: some.phone.slice(-8) },
    'a ticket number': { limit: LIMIT, q: '1234' },
    'a name that nobody has': { limit: LIMIT, q: 'Xyzzy' },
    'longest waiting first': { limit: LIMIT, sort: 'oldest' },
  })

  test.each(['admin', 'auditor', 'analyst', 'supervisor', 'agent'] as const)(
    'the list of tickets, with each filter, for one who is %s',
    async role => {
      const who = whoIs(role)
      const wrong: Record<string, string[]> = {}
      const look = async (
        name: string,
        filter: Parameters<typeof asks.tickets>[1],
      ): Promise<string | null> => {
        let cursor: string | null = null
        const found = await explained.explained(async () => {
          cursor = (await asks.tickets(who, filter)).nextCursor
        })
        const wide = role === 'supervisor' || FOUND.some(start => name.startsWith(start))
        const wrongs = wide ? problems(found, FOUND_ROWS_MAX, FOUND_PAGES_MAX) : problems(found)
        if (wrongs.length > 0 || found.length !== 1) wrong[name] = wrongs
        return cursor
      }
      for (const [name, filter] of Object.entries(filters())) {
        const cursor = await look(name, filter)
        if (cursor) await look(`${name}, second page`, { ...filter, cursor })
      }
      expect(wrong).toEqual({})
    },
    LOAD_MS_MAX,
  )

  test('one ticket, its messages, older messages, a picture', async () => {
    const who = whoIs('agent')
    await bounded(() => asks.ticket(who, some.ticket), { rows: 60, pages: 30 })
    await bounded(() => asks.messages(who, some.ticket, { limit: LIMIT }), { rows: 250, pages: 700 })
    const page = await asks.messages(who, some.ticket, { limit: LIMIT })
    await bounded(() => asks.messages(who, some.ticket, { limit: LIMIT, before: page!.nextCursor! }), {
      rows: 250,
      pages: 700,
    })
    await bounded(() => asks.media(who, some.message), { rows: 10, pages: 30 })
  })

  test('as many statements for a long page as for a short one', async () => {
    const who = whoIs('admin')
    for (const limit of [1, 100]) {
      await bounded(() => asks.tickets(who, { limit }))
      await bounded(() => asks.messages(who, some.ticket, { limit }))
      await bounded(() => asks.contacts(who, { limit }))
    }
  })

  test('contacts by name, by part of a name or a number, and from where the page before ended', async () => {
    const who = whoIs('agent')
    const first = await asks.contacts(who, { limit: LIMIT })
    await bounded(() => asks.contacts(who, { limit: LIMIT }), { rows: 100, pages: 100 })
    await bounded(() => asks.contacts(who, { limit: LIMIT, cursor: first.nextCursor! }), {
      rows: 100,
      pages: 100,
    })
    for (const q of ['Conceição', 'ndra', 'Maria Silva', some.phone.slice(-8), 'Xyzzy'])
      await bounded(() => asks.contacts(who, { limit: LIMIT, q }), {
        rows: FOUND_ROWS_MAX,
        pages: FOUND_PAGES_MAX,
      })
    await bounded(() => asks.contact(who, some.contact), { rows: 10, pages: 30 })
  })

  test('what could not be processed', async () => {
    const who = whoIs('admin')
    const first = await asks.deadLetters(who, { limit: LIMIT })
    await bounded(() => asks.deadLetters(who, { limit: LIMIT, cursor: first.nextCursor! }), { rows: 100 })
    for (const status of ['waiting', 'dropped', 'processed'] as const)
      await bounded(() => asks.deadLetters(who, { limit: LIMIT, status }))
    await bounded(() => asks.deadLetter(who, some.letter), { rows: 10, pages: 30 })
  })

  test.each(['admin', 'supervisor', 'agent'] as const)(
    'messages by their words, for one who is %s',
    async role => {
      const who = whoIs(role)
      const wrong: Record<string, string[]> = {}
      const searched = async (ask: Parameters<typeof asks.searchMessages>[1], statementsMax: number) => {
        const found = await explained.explained(() => asks.searchMessages(who, ask))
        // Thousands of hits of one who sees part of the tickets are held against all tickets at once.
        const mayScan = role === 'admin' ? SMALL_TABLES : [...SMALL_TABLES, 'ticket_row']
        const wrongs = problems(found, SEARCHED_ROWS_MAX, SEARCHED_PAGES_MAX, mayScan)
        if (wrongs.length > 0 || found.length > statementsMax) wrong[JSON.stringify(ask)] = wrongs
      }
      for (const q of [
        'que',
        'pedido',
        'jabut',
        'pedido entrega',
        'ornitorrinco jacaranda',
        '4711',
        'xyzzy',
        'a',
      ])
        for (const limit of [10, 40]) await searched({ q, limit }, 4)
      const { nextCursor } = await asks.searchMessages(who, { q: 'pedido', limit: LIMIT })
      await searched({ q: 'pedido', limit: LIMIT, cursor: nextCursor! }, 4)
      await searched({ q: 'pedido', limit: LIMIT, to: '2024-06-01T00:00:00Z' }, 4)
      await searched({ q: 'pedido', limit: LIMIT, ticketId: some.ticket }, 2)
      await searched({ q: 'pedido', limit: LIMIT, contactId: some.contact }, 2)
      expect(wrong).toEqual({})
    },
    LOAD_MS_MAX,
  )

  test('what was said beside all tickets is found as quickly, and there is a lot of it', async () => {
    const who = whoIs('admin')
    const { rows } = await sql<{ count: string }>`select count(*) from ${table('beside_words')}`.execute(
      explained.db,
    )
    expect(Number(rows[0]?.count)).toBeGreaterThan(BESIDE / 2)
    // Older than everything in a ticket: the last page of what was found is of these alone.
    const to = '2022-06-01T00:00:00Z'
    const page = await asks.searchMessages(who, { q: 'pedido', limit: LIMIT, to })
    expect(page.items.map(one => one.beside)).toEqual(Array(LIMIT).fill(true))
    const found = await explained.explained(() =>
      asks.searchMessages(who, { q: 'pedido', limit: LIMIT, to, cursor: page.nextCursor! }),
    )
    expect(problems(found, SEARCHED_ROWS_MAX, SEARCHED_PAGES_MAX)).toEqual([])
  })

  /** The last statement of a search: what the index of words, or a place, gives of what stands beside all tickets. */
  const besideSearch = async (
    who: UserPrincipal,
    ask: Partial<Parameters<typeof asks.searchMessages>[1]>,
  ): Promise<Explained> => {
    const found = await explained.explained(() =>
      asks.searchMessages(who, { q: 'pedido', limit: LIMIT, to: '2022-06-01T00:00:00Z', ...ask }),
    )
    const last = found.at(-1)
    expect(last?.sql).toContain('beside_words')
    return last!
  }

  test.each(['admin', 'supervisor', 'agent'] as const)(
    'what was said beside all tickets costs what is found of it, for one who is %s',
    async role => {
      const who = whoIs(role)
      for (const q of ['xyzzy', '4711']) {
        const rare = await besideSearch(who, { q })
        expect(rare.indexes).toContain('beside_words_words_idx')
        expect(problems([rare], FOUND_ROWS_MAX, FOUND_PAGES_MAX)).toEqual([])
      }
      for (const place of [{ ticketId: some.ticket }, { contactId: some.contact }])
        for (const q of ['a', 'pedido', 'xyzzy'])
          expect(problems([await besideSearch(who, { q, ...place })])).toEqual([])
    },
    LOAD_MS_MAX,
  )

  test('who sees no ticket pays nothing for a word that stands everywhere beside them', async () => {
    const newcomer: UserPrincipal = { ...agent, userId: newId(), queueIds: [] }
    for (const q of ['a', 'pedido', 'xyzzy'])
      expect(problems([await besideSearch(newcomer, { q })])).toEqual([])
  })

  test('people, queues, sessions', async () => {
    const who = whoIs('agent')
    await bounded(() => asks.users(who, { limit: LIMIT }), { rows: 100, pages: 50 })
    await bounded(() => asks.queues(who, { limit: LIMIT }), { rows: 50, pages: 50 })
    await bounded(() => asks.sessions(who, { limit: LIMIT }), { rows: 50, pages: 50 })
  })

  test('the history of a ticket asks the tables for the right to see it, and once for names and for what was deleted', async () => {
    await bounded(() => asks.history(whoIs('agent'), some.ticket, { limit: LIMIT }), {
      rows: 60,
      pages: 30,
      statements: 2,
    })
  })

  test('a ticket as it was asks for the right to see it, and once for everything that is told of today', async () => {
    await bounded(() => asks.ticketAt(whoIs('agent'), some.ticket, 1), {
      rows: 200,
      pages: 60,
      statements: 2,
    })
  })

  test("numbers for the inbox's tabs", async () => {
    await bounded(() => asks.ticketCounts(whoIs('agent')), { rows: 2_000 })
    await bounded(() => asks.ticketCounts(whoIs('admin')), { rows: 21_000 })
  })

  test("the engine's own lookups", async () => {
    await bounded(() => asks.unsentMessages())
    await bounded(() => asks.unfetchedMedia())
    await bounded(() => asks.unsettledConversations(new Date().toISOString()), {
      rows: 10_000,
      pages: 20_000,
    })
    await bounded(() => asks.openTicketsOf(agent.companyId, agent.userId))
    await bounded(() => asks.wantedSessions())
    await bounded(() => asks.messageByProviderId(agent.companyId, some.session, some.provider), {
      rows: 10,
      pages: 30,
    })
    await bounded(() => asks.ticketOfMessage(agent.companyId, some.message), { rows: 10, pages: 30 })
    await bounded(() => asks.principal(agent.companyId, agent.userId), { rows: 100, pages: 30 })
  })
})
