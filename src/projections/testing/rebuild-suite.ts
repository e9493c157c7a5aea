import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../database/port.ts'
import { createStory } from '../../../test/support/company-story.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../../test/support/fact-log.ts'
import { startProjected, type Projected, type ProjectedOptions } from '../../../test/support/projected.ts'
import { logDistance } from '../../eventstore/position.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { readCheckpoint } from '../checkpoint.ts'
import { rebuild } from '../rebuild.ts'
import { askForRebuild, readRebuild } from '../rebuild-state.ts'
import { dropTables, NEXT_SCHEMA, projections, SCHEMA, table, VERSIONS } from '../tables.ts'
import { createProjectionsStatus } from '../status.ts'
import { liveHistory } from './random-history.ts'

const WAIT = { timeout: 60_000, interval: 50 }

/** Everything that a set of read models says, to the byte. */
const rowsOf = async (database: Database<unknown>): Promise<Record<string, unknown[]>> => {
  const all: Record<string, unknown[]> = {}
  for (const { table: name } of projections)
    all[name] = (
      await sql<{ row: string }>`select t::text as row from ${table(name)} t order by company_id, id`.execute(
        database.db,
      )
    ).rows.map(({ row }) => row)
  all['poisoned'] = (
    await sql`select position, read_model, event_id, stream, revision, type, reason
      from ${table('poisoned')} order by position, read_model`.execute(database.db)
  ).rows
  return all
}

const schemasOf = async (database: Database<unknown>): Promise<string[]> =>
  (
    await sql<{ name: string }>`select nspname as name from pg_namespace where starts_with(nspname, 'read_v')
      order by nspname`.execute(database.db)
  ).rows.map(({ name }) => name)

/** Facts that no schema knows, that no column holds, that are about nobody, and text that Postgres does not keep. */
const sayNastyThings = async (log: FactLog): Promise<void> => {
  const story = createStory(log)
  await story.found()
  const ticket = await story.ticket()
  await log.sayRaw(`ticket-${story.companyId}.${randomUUID()}`, 'ticket.teleported', { to: 'mars' })
  await log.say(story.companyId, 'ticket', randomUUID(), [
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
  await log.say(story.companyId, 'contact', 'somebody', [
    { type: 'contact.erased', data: { userId: null, reason: 'requested', aliasIds: [] } },
  ])
  for (const body of ['a\0b \ud800 \\u0000 c', 'tab\there\nand\\N there\r', '\\', '\\.', '“é” 👍🏽'])
    await story.receive(ticket, body)
}

/** What making read models again does alike on every database. */
export const rebuildSuite = (column: 'pglite' | 'postgres'): void => {
  describe(`rebuild on ${column}`, () => {
    let database: Database<unknown>
    let log: FactLog
    const running: Projected[] = []
    const start = (options: ProjectedOptions = {}): Projected => {
      const one = startProjected(log, database, options)
      running.push(one)
      return one
    }
    const settled = (generation: number): Promise<unknown> =>
      vi.waitFor(async () => {
        expect((await readCheckpoint(database.db))?.generation).toBe(generation)
        expect((await readRebuild(database.db))?.state).toBe('done')
      }, WAIT)

    /** The retired set goes a moment after the swap. */
    const onlyServedTables = (): Promise<void> =>
      vi.waitFor(async () => expect(await schemasOf(database)).toEqual([SCHEMA]), WAIT)

    beforeAll(async () => {
      database = await testDatabase(column)
    })
    afterAll(() => database.close())
    afterEach(async () => {
      await Promise.all(running.splice(0).map(one => one.stop()))
      await dropTables(database.db)
      await log.close()
    })

    test(
      'rows made in bulk are those made live, whatever the history says',
      { timeout: 120_000 },
      async () => {
        log = await openFactLog()
        const live = start({ batchFactsMax: 9 })
        await liveHistory(log, 100)
        await sayNastyThings(log)
        await liveHistory(log, 40)
        await live.upToDate()
        const rows = await rowsOf(database)
        expect(rows['message_row']!.length).toBeGreaterThan(20)
        expect(rows['poisoned']).toHaveLength(3)
        await live.stop()
        for (const rebuildSliceFacts of [17, 10_000]) {
          await dropTables(database.db)
          const again = start({ rebuildFactsMin: 0, rebuildSliceFacts })
          await again.upToDate()
          expect(await readRebuild(database.db)).toMatchObject({ state: 'done', reason: 'empty' })
          expect(await rowsOf(database)).toEqual(rows)
          expect(again.runner.health().poisoned).toBe(3)
          await again.stop()
        }
      },
    )

    test(
      'holds no more text at a time than it may, however few facts that is',
      { timeout: 120_000 },
      async () => {
        log = await openFactLog()
        const story = createStory(log)
        await story.found()
        const ticket = await story.ticket()
        const [messages, body] = [100, 'ä'.repeat(50_000)]
        for (let i = 0; i < messages; i++) await story.receive(ticket, `${i} ${body}`)
        const one = start()
        await one.upToDate()
        const rows = await rowsOf(database)
        await one.stop()
        let [slices, largest] = [0, 0]
        const openLoader: typeof database.openLoader = async () => {
          const loader = await database.openLoader()
          const copyIn: typeof loader.copyIn = (statement, bytes) => {
            largest = Math.max(largest, bytes.length)
            return loader.copyIn(statement, bytes)
          }
          return { ...loader, copyIn, transaction: work => (slices++, loader.transaction(work)) }
        }
        const done = await rebuild(
          {
            store: log.store,
            database: { kind: database.kind, openLoader },
            db: database.db,
            decode: log.decode,
            distance: logDistance(log.store.epoch),
            clock: systemClock,
            log: silentLog,
            sliceChars: 1_000_000,
          },
          'asked',
          new AbortController().signal,
        )
        expect(done.outcome).toBe('done')
        expect(await rowsOf(database)).toEqual(rows)
        // Sealed, each is some 130,000 characters: what is read at a time ends long before a chunk has all of its facts.
        expect(slices).toBeGreaterThan(3)
        expect(largest).toBeLessThan((messages / 2) * 2 * body.length)
      },
    )

    test('has the indexes of tables that were made empty', async () => {
      log = await openFactLog()
      const indexes = async () =>
        (
          await sql<{
            sql: string
          }>`select regexp_replace(indexdef, '^create (unique )?index \\S+', '', 'i') as sql
            from pg_indexes where schemaname = ${SCHEMA} order by 1`.execute(database.db)
        ).rows.map(row => row.sql)
      const live = start()
      await liveHistory(log, 5)
      await live.upToDate()
      const before = await indexes()
      await askForRebuild(database.db)
      await settled(2)
      expect(await indexes()).toEqual(before)
      expect(before.length).toBeGreaterThan(projections.length)
      // The embedded database has nobody who does that later: without it, counting by index looks up every row.
      if (column === 'pglite') {
        const { rows } = await sql<{
          whole: boolean
        }>`select relpages > 0 and relallvisible = relpages as whole
          from pg_class where oid = ${`${SCHEMA}.ticket_row`}::regclass`.execute(database.db)
        expect(rows).toEqual([{ whole: true }])
      }
    })

    test('what is read is served and follows the log meanwhile; the swap tells nothing twice and leaves nothing out', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const ticket = await story.ticket()
      for (let i = 0; i < 40; i++) await story.receive(ticket, `before ${i}`)
      // A rebuild that cannot get on until it is let.
      let go: () => void = () => undefined
      const gate = new Promise<void>(resolve => (go = resolve))
      let reached = false
      const store = { ...log.store, readAll: gatedReads(log, gate, () => (reached = true)) }
      const one = start({ store, rebuildSliceFacts: 10 })
      const follower = start({ mayRebuild: false, acquireLease: async () => null })
      await one.upToDate()
      await follower.upToDate()
      await askForRebuild(database.db)
      await vi.waitFor(() => expect(reached).toBe(true), WAIT)
      expect(await schemasOf(database)).toContain(NEXT_SCHEMA)
      for (let i = 0; i < 20; i++) await story.receive(ticket, `meanwhile ${i}`)
      await one.upToDate()
      expect((await one.reads.ticket(admin, ticket.id))?.unreadCount).toBe(60)
      expect((await readRebuild(database.db))?.state).toBe('reading')
      go()
      const writing = (async () => {
        for (let i = 0; i < 40; i++) await story.receive(ticket, `during ${i}`)
      })()
      await settled(2)
      await writing
      await story.receive(ticket, 'after')
      await one.upToDate()
      await follower.upToDate()
      expect((await one.reads.ticket(admin, ticket.id))?.unreadCount).toBe(101)
      for (const { committed } of [one, follower]) {
        const told = committed.flatMap(({ facts }) => facts.map(fact => fact.position))
        expect(told).toEqual([...new Set(told)].sort())
        const bodies = committed
          .flatMap(({ facts }) => facts)
          .flatMap(fact => (fact.type === 'message.received' ? [fact.data.personal?.body] : []))
        // What was there before it began is nobody's news: a follower may begin behind it.
        expect(bodies.filter(body => body && !body.startsWith('before'))).toEqual([
          ...Array.from({ length: 20 }, (_, i) => `meanwhile ${i}`),
          ...Array.from({ length: 40 }, (_, i) => `during ${i}`),
          'after',
        ])
        await vi.waitFor(() => expect(committed.filter(({ remade }) => remade)).toHaveLength(1), WAIT)
      }
      await onlyServedTables()
    })

    test('who decided to when another was about to be done leaves it at that', async () => {
      log = await openFactLog()
      await liveHistory(log, 10)
      const one = start()
      await one.upToDate()
      await askForRebuild(database.db)
      await settled(2)
      const again = (generation: number) =>
        rebuild(
          {
            store: log.store,
            database,
            db: database.db,
            decode: log.decode,
            distance: logDistance(log.store.epoch),
            clock: systemClock,
            log: silentLog,
            generation,
          },
          'asked',
          new AbortController().signal,
        )
      // The lock is given back a moment after the swap.
      await onlyServedTables()
      expect(await again(1)).toEqual({ outcome: 'busy' })
      expect(await readCheckpoint(database.db)).toMatchObject({ generation: 2 })
      await vi.waitFor(async () => expect(await again(2)).toMatchObject({ outcome: 'done' }), WAIT)
      expect(await readCheckpoint(database.db)).toMatchObject({ generation: 3 })
    })

    test('one that was left half done is begun again, and nothing of it stays', async () => {
      log = await openFactLog()
      await liveHistory(log, 60)
      const first = start()
      await first.upToDate()
      const rows = await rowsOf(database)
      await first.stop()
      let reached = false
      const never = new Promise<void>(() => undefined)
      const stuck = { ...log.store, readAll: gatedReads(log, never, () => (reached = true)) }
      // The stuck one's connection goes the way a dead process's would: with its lock.
      const dead = { ...database, openLoader: abandonable(database) }
      const dying = startProjected(log, dead, { store: stuck, rebuildSliceFacts: 10 })
      await dying.upToDate()
      await askForRebuild(database.db)
      await vi.waitFor(() => expect(reached).toBe(true), WAIT)
      expect(await schemasOf(database)).toEqual([SCHEMA, NEXT_SCHEMA])
      await dead.openLoader.abandon()
      void dying.stop()
      start({ rebuildSliceFacts: 25 })
      await settled(2)
      expect(await rowsOf(database)).toEqual(rows)
      await onlyServedTables()
    })

    test('tables of the same shape that another version made are served until the new ones are made', async () => {
      log = await openFactLog()
      const story = createStory(log)
      await story.found()
      const admin = await story.user('admin')
      const ticket = await story.ticket()
      await story.receive(ticket, 'hello')
      const old = start()
      await old.upToDate()
      await old.stop()
      // As if the release before had made them, with one row that its fold got wrong.
      const before = SCHEMA.replace(VERSIONS, '0123abcd')
      await sql.raw(`update ${SCHEMA}.checkpoint set versions = '0123abcd'`).execute(database.db)
      await sql.raw(`update ${SCHEMA}.ticket_row set unread_count = 77`).execute(database.db)
      await sql.raw(`alter schema ${SCHEMA} rename to ${before}`).execute(database.db)
      let go: () => void = () => undefined
      const gate = new Promise<void>(resolve => (go = resolve))
      const now = start({ store: { ...log.store, readAll: gatedReads(log, gate) }, rebuildSliceFacts: 10 })
      await now.upToDate()
      expect((await now.reads.ticket(admin, ticket.id))?.unreadCount).toBe(77)
      go()
      await settled(2)
      expect(await readRebuild(database.db)).toMatchObject({ reason: 'version' })
      expect((await now.reads.ticket(admin, ticket.id))?.unreadCount).toBe(1)
      expect((await readCheckpoint(database.db))?.versions).toBe(VERSIONS)
      await onlyServedTables()
    })

    test('an admin sees what of the own company was left out, and nothing of another', async () => {
      log = await openFactLog()
      const [ours, theirs] = [createStory(log), createStory(log)]
      await ours.found()
      await theirs.found()
      const admins = [await ours.user('admin'), await theirs.user('admin')] as const
      await log.sayRaw(`ticket-${ours.companyId}.${randomUUID()}`, 'ticket.teleported', { to: 'mars' })
      const one = start()
      await one.upToDate()
      const looked = createProjectionsStatus({ db: database.db, runner: one.runner })
      const [mine, other] = await Promise.all(admins.map(who => looked.status(who)))
      expect(mine).toMatchObject({ behind: 0, generation: 1, rebuild: null })
      expect(mine?.poisoned).toMatchObject([{ type: 'ticket.teleported', revision: 0, readModel: 'all' }])
      expect(mine?.projections.every(({ poisoned }) => poisoned === 1)).toBe(true)
      expect(other?.poisoned).toEqual([])
      expect(other?.projections.every(({ poisoned }) => poisoned === 0)).toBe(true)
    })

    test('an empty set before a long log answers nothing until it is filled', async () => {
      log = await openFactLog()
      await liveHistory(log, 40)
      let go: () => void = () => undefined
      const gate = new Promise<void>(resolve => (go = resolve))
      const one = start({
        store: { ...log.store, readAll: gatedReads(log, gate) },
        rebuildFactsMin: 5,
        rebuildSliceFacts: 10,
      })
      await vi.waitFor(() => expect(one.runner.health().rebuild).toMatchObject({ state: 'reading' }), WAIT)
      expect(one.runner.health().rebuilding).toBe(true)
      expect(one.reads.freshness()).toEqual({ position: null, stale: true })
      go()
      await one.upToDate()
      await vi.waitFor(
        () => expect(one.runner.health()).toMatchObject({ rebuilding: false, rebuild: null }),
        WAIT,
      )
    })
  })
}

/** Reads of the whole log that wait, once they have got past their first slice. */
const gatedReads =
  (log: FactLog, gate: Promise<void>, reached: () => void = () => undefined): FactLog['store']['readAll'] =>
  options => ({
    async *[Symbol.asyncIterator]() {
      if (options?.after !== undefined) {
        reached()
        await gate
      }
      yield* log.store.readAll(options)
    },
  })

/** Opens loaders that can be cut off from outside, with whatever locks they hold. */
const abandonable = (database: Database<unknown>) => {
  const opened: Awaited<ReturnType<typeof database.openLoader>>[] = []
  const open = async () => {
    const loader = await database.openLoader()
    opened.push(loader)
    return loader
  }
  const abandon = async (): Promise<void> => {
    for (const loader of opened) {
      if (database.kind === 'pglite') await loader.query('select pg_advisory_unlock_all()')
      await loader.close()
    }
  }
  return Object.assign(open, { abandon })
}
