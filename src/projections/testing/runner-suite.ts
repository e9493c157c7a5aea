import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../database/port.ts'
import { createStory } from '../../../test/support/company-story.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../../test/support/projected.ts'
import { readCheckpoint } from '../checkpoint.ts'
import { dropTables, projections, table } from '../tables.ts'
import { liveHistory } from './random-history.ts'

const rowsOf = async (database: Database<unknown>): Promise<Record<string, unknown[]>> => {
  const all: Record<string, unknown[]> = {}
  for (const { table: name } of projections)
    all[name] = (await sql`select * from ${table(name)} order by company_id, id`.execute(database.db)).rows
  return all
}

/** What the runner does alike on every database. */
export const runnerSuite = (column: 'pglite' | 'postgres'): void => {
  describe(`projection runner on ${column}`, () => {
    let database: Database<unknown>
    let log: FactLog
    const statements: string[] = []
    const running: Projected[] = []
    const start = (
      ...args: Parameters<typeof startProjected> extends [unknown, unknown, ...infer R] ? R : never
    ): Projected => {
      const one = startProjected(log, database, ...args)
      running.push(one)
      return one
    }

    beforeAll(async () => {
      database = await testDatabase(column, { onStatement: statement => statements.push(statement) })
    })
    afterAll(() => database.close())
    afterEach(async () => {
      await Promise.all(running.splice(0).map(one => one.stop()))
      await dropTables(database.db)
      await log.close()
    })

    test('a process that starts while another writes leaves the tables as they are', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const writer = start()
      await writer.upToDate()
      const head = async () => {
        const before = await log.store.head()
        await story.contact('Rui', '551133334444')
        await writer.upToDate()
        return before
      }
      const follower = start({ store: { ...log.store, head }, acquireLease: async () => null })
      await follower.upToDate()
      // It goes on from where the tables were, and does not begin with the first fact.
      expect(follower.committed[0]?.facts).toEqual([])
    })

    test('pushes from the rows at hand what the tables say, and asks the tables for nothing then', async () => {
      log = await openFactLog()
      const one = start()
      await liveHistory(log, 120)
      await one.upToDate()
      const keysOf = async (name: string) => {
        const found = await sql<{ companyId: string; id: string }>`
          select company_id as "companyId", id from ${table(name)} order by id`.execute(database.db)
        return found.rows
      }
      const [tickets, messages] = [await keysOf('ticket_row'), await keysOf('message_row')]
      expect(tickets.length).toBeGreaterThan(1)
      const asked = statements.length
      const [shown, said] = [await one.atHand.ticketViews(tickets), await one.atHand.messageViews(messages)]
      expect(statements.slice(asked)).toEqual([])
      expect(shown).toEqual(await one.reads.ticketViews(tickets))
      expect(said).toEqual(await one.reads.messageViews(messages))
    })

    test('pushes what is not at hand from the tables', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const ticket = await story.ticket({ contactId: await story.contact('Maria', '551187654321') })
      const first = start()
      await first.upToDate()
      await first.stop()
      running.pop()
      const second = start()
      const { messageId } = await story.receive(ticket, 'Olá')
      await second.upToDate()
      const keys = [{ companyId: story.companyId, id: ticket.id }]
      for (const cache of second.caches.values()) cache.clear()
      expect((await second.atHand.ticketViews(keys)).get(ticket.id)?.ticket.contact.name).toBe('Maria')
      const more = [{ companyId: story.companyId, id: messageId }]
      expect((await second.atHand.messageViews(more)).get(messageId)?.message.body).toBe('Olá')
    })

    test('has not caught up before everything of the log is shown', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      await story.contact('Rui', '551133334444')
      const seen: boolean[] = []
      const one = start({
        batchFactsMax: 1,
        onCommit: ({ facts }) => {
          if (facts.length > 0) seen.push(one.runner.health().caughtUp)
        },
      })
      await one.upToDate()
      expect(seen.length).toBeGreaterThan(1)
      expect(seen).toEqual(seen.map((_, index) => index === seen.length - 1))
    })

    test('shows a message, the ticket it made, and who wrote it', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const ticket = await story.ticket({ contactId: await story.contact('Maria', '551187654321') })
      const { position, messageId } = await story.receive(ticket, 'Olá 👋')
      const { reads } = start()
      expect(await reads.waitFor(position, 15_000)).toMatchObject({ stale: false })
      expect(await reads.ticket(admin, ticket.id)).toMatchObject({
        number: 1,
        status: 'pending',
        revision: 1,
        unreadCount: 1,
        contact: { name: 'Maria', phone: '5511987654321' },
        session: { name: 'Front desk', provider: 'simulator' },
        lastMessage: { preview: 'Olá 👋', fromMe: false, ack: 'received' },
      })
      const page = await reads.messages(admin, ticket.id, { limit: 10 })
      expect(page?.items).toMatchObject([
        { id: messageId, body: 'Olá 👋', sentBy: { kind: 'contact', name: 'Maria' } },
      ])
    })

    test('two runners at once count every fact once', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const one = start({ batchFactsMax: 7 })
      const two = start({ batchFactsMax: 5 })
      // Who begins late hands on what comes from then on: both have to be there before the messages.
      await one.upToDate()
      await two.upToDate()
      const ticket = await story.ticket()
      for (let i = 0; i < 60; i++) await story.receive(ticket, `message ${i}`)
      await one.upToDate()
      await two.upToDate()
      expect((await one.reads.ticket(admin, ticket.id))?.unreadCount).toBe(60)
      expect((await one.reads.messages(admin, ticket.id, { limit: 100 }))?.items.map(m => m.body)).toEqual(
        Array.from({ length: 60 }, (_, i) => `message ${i}`),
      )
      // Both hand on every fact, each once and in order: each has sockets of its own to serve.
      for (const { committed } of [one, two]) {
        const positions = committed.flatMap(({ facts }) => facts.map(fact => fact.position))
        expect(positions).toEqual([...new Set(positions)].sort())
        expect(committed.flatMap(c => c.facts).filter(fact => fact.type === 'message.received')).toHaveLength(
          60,
        )
      }
    })

    test('who followed from the very start is told all of it, whoever wrote it while it could not go on', async () => {
      log = await openFactLog()
      let shut = true
      let tried = 0
      const decode: typeof log.decode = event => {
        tried++
        return shut ? Promise.reject(new Error('the vault is unavailable')) : log.decode(event)
      }
      const one = start({ decode })
      await vi.waitFor(
        async () => expect(await readCheckpoint(database.db)).toMatchObject({ position: '' }),
        {
          timeout: 30_000,
        },
      )
      const story = createStory(log)
      await story.found()
      await story.receive(await story.ticket(), 'the very first')
      await vi.waitFor(() => expect(tried).toBeGreaterThan(0), { timeout: 30_000 })
      const two = start()
      await two.upToDate()
      shut = false
      const said = () => one.committed.filter(c => !c.silent).flatMap(({ facts }) => facts)
      const known = two.committed.flatMap(({ facts }) => facts).length
      await vi.waitFor(() => expect(said()).toHaveLength(known), { timeout: 30_000 })
      const positions = said().map(({ position }) => position)
      expect(positions).toEqual([...new Set(positions)].sort())
      expect(said().at(-1)?.type).toBe('message.received')
    })

    test('an old story that was cut off goes on in silence', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const ticket = await story.ticket()
      for (let i = 0; i < 12; i++) await story.receive(ticket, `old ${i}`)
      let cut = false
      const one = start({
        batchFactsMax: 4,
        onCommit: ({ facts }) => {
          if (cut || facts.length === 0) return
          cut = true
          throw new Error('the line broke')
        },
      })
      await one.upToDate()
      await vi.waitFor(() => expect(one.runner.health().rebuilding).toBe(false), { timeout: 30_000 })
      expect(cut).toBe(true)
      const told = one.committed.filter(c => !c.silent).flatMap(({ facts }) => facts.map(({ type }) => type))
      expect(told).toEqual([])
    })

    test('who holds no lease writes nothing, and follows who does; the lease moves on', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      let holder = 'first'
      const leaseOf = (name: string) => () =>
        Promise.resolve(
          holder === name ? { held: () => holder === name, release: () => Promise.resolve() } : null,
        )
      const second = start({ acquireLease: leaseOf('second') })
      const ticket = await story.ticket()
      const first = start({ acquireLease: leaseOf('first') })
      await second.upToDate()
      await first.upToDate()
      await first.stop()
      const { position } = await story.receive(ticket, 'while nobody writes')
      expect(await second.progress.waitFor(position, 100)).toMatchObject({ stale: true })
      holder = 'second'
      expect(await second.progress.waitFor(position, 15_000)).toMatchObject({ stale: false })
    })

    test('a runner that stopped between batches goes on where the checkpoint is', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const ticket = await story.ticket()
      for (let i = 0; i < 30; i++) await story.receive(ticket, `m${i}`)
      const dies = new Promise<void>(resolve => {
        const one = start({ batchFactsMax: 4, onCommit: () => void one.stop().then(resolve) })
      })
      await dies
      const stoppedAt = (await readCheckpoint(database.db))?.position ?? ''
      expect(stoppedAt < ((await log.store.head()) ?? '')).toBe(true)
      const next = start()
      await next.upToDate()
      expect((await next.reads.ticket(admin, ticket.id))?.unreadCount).toBe(30)
      expect(next.committed.flatMap(c => c.facts)[0]!.position > stoppedAt).toBe(true)
    })

    test('a fact that makes no sense is put aside, counted, and stops nothing', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const ticket = await story.ticket()
      await log.sayRaw(`ticket-${story.companyId}.${randomUUID()}`, 'ticket.teleported', { to: 'mars' })
      // A number that no column holds: the database refuses the batch, and only this fact is left out.
      const broken = randomUUID()
      await log.say(story.companyId, 'ticket', broken, [
        {
          type: 'ticket.opened',
          data: {
            number: 9_007_199_254_740_991,
            sessionId: story.sessionId,
            conversationId: randomUUID(),
            contactId: ticket.contactId,
            isGroup: false,
            queueId: null,
            userId: null,
            ordinal: 1,
          },
        },
      ])
      // Nobody has such an id, so no read model can say which rows of theirs it is about.
      await log.say(story.companyId, 'contact', 'somebody', [
        { type: 'contact.erased', data: { userId: null, reason: 'requested', aliasIds: [] } },
      ])
      await story.receive(ticket, 'after the poison')
      const { reads, upToDate, runner } = start()
      await upToDate()
      expect((await reads.messages(admin, ticket.id, { limit: 5 }))?.items.map(m => m.body)).toEqual([
        'after the poison',
      ])
      expect(runner.health()).toMatchObject({ poisoned: 3, rebuilding: false })
      expect(
        (await sql`select type from ${table('poisoned')} order by position`.execute(database.db)).rows,
      ).toEqual([{ type: 'ticket.teleported' }, { type: 'ticket.opened' }, { type: 'contact.erased' }])
    })

    test('text that Postgres does not keep is kept as far as it can be', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const ticket = await story.ticket()
      await story.receive(ticket, 'a\0b \ud800 \\u0000 c')
      const { reads, upToDate, runner } = start()
      await upToDate()
      expect((await reads.messages(admin, ticket.id, { limit: 5 }))?.items[0]?.body).toBe(
        'ab \uFFFD \\u0000 c',
      )
      expect(runner.health().poisoned).toBe(0)
    })

    test('a checkpoint of another log is not believed: the tables are made again, in silence', async () => {
      log = await openFactLog()
      const first = createStory(log)
      await first.found()
      const before = start()
      await before.upToDate()
      await before.stop()
      await log.close()
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const after = start()
      await after.upToDate()
      expect((await after.reads.sessions(admin, { limit: 10 })).items).toHaveLength(1)
      expect((await sql`select id from ${table('company_row')}`.execute(database.db)).rows).toEqual([
        { id: story.companyId },
      ])
      expect(after.committed.filter(c => c.facts.length > 0).every(c => c.silent)).toBe(true)
    })

    test('costs at most two statements a message, and far fewer in a burst', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const projected = start()
      const tickets = await Promise.all(Array.from({ length: 20 }, () => story.ticket()))
      await projected.upToDate()
      const before = statements.length
      await Promise.all(
        tickets.map(async ticket => {
          for (let i = 0; i < 5; i++) await story.receive(ticket, `burst ${i}`)
        }),
      )
      await projected.upToDate()
      expect((statements.length - before) / 100).toBeLessThanOrEqual(2)
    })

    test('making the tables again gives the rows that were made live', async () => {
      log = await openFactLog()
      const { liveHistory } = await import('./random-history.ts')
      const live = start({ batchFactsMax: 9 })
      await liveHistory(log, 220)
      await live.upToDate()
      const rows = await rowsOf(database)
      await live.stop()
      await dropTables(database.db)
      const again = start()
      await again.upToDate()
      expect(await rowsOf(database)).toEqual(rows)
      expect(rows['message_row']!.length).toBeGreaterThan(20)
    })
  })
}
