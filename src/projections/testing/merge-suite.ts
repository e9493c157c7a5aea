import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../database/port.ts'
import type { DomainEvent } from '../../events/all.ts'
import { createStory, type Story } from '../../../test/support/company-story.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../../test/support/projected.ts'
import { dropTables, projections, table } from '../tables.ts'

const rowsOf = async (database: Database<unknown>): Promise<Record<string, unknown[]>> => {
  const all: Record<string, unknown[]> = {}
  for (const { table: name } of projections)
    all[name] = (await sql`select * from ${table(name)} order by company_id, id`.execute(database.db)).rows
  return all
}

/** What the read models show of one person who was two contacts, alike on every database. */
export const mergeSuite = (column: 'pglite' | 'postgres'): void => {
  describe(`merges on ${column}`, () => {
    let database: Database<unknown>
    let log: FactLog
    let story: Story
    let projected: Projected
    let maria: string
    let lid: string
    beforeAll(async () => {
      database = await testDatabase(column)
    })
    afterAll(() => database.close())
    beforeEach(async () => {
      log = await openFactLog()
      story = createStory(log)
      await story.found()
      maria = await story.contact('Maria Silva', '5511912340077')
      lid = await story.contact('Mimi', null)
      projected = startProjected(log, database)
    })
    afterEach(async () => {
      await projected.stop()
      await dropTables(database.db)
      await log.close()
    })
    const say = (id: string, ...facts: DomainEvent[]) =>
      log.say(story.companyId, 'contact', id, facts, { subject: id })
    const merge = async () => {
      const userId = null
      await say(lid, {
        type: 'contact.merged',
        data: { intoId: maria, formerId: null, userId, reason: 'same-address' },
      })
      const personal = {
        name: 'Mimi',
        phone: null,
        email: 'mimi@example.com',
        addresses: [{ kind: 'lid' as const, value: '77' }],
      }
      await say(maria, {
        type: 'contact.absorbed',
        data: { contactId: lid, blocked: false, nameSource: 'channel', personal },
      })
    }
    const complete = () =>
      say(lid, {
        type: 'contact.mergeCompleted',
        data: { intoId: maria, conversationsJoined: 0, ticketsClosed: 0 },
      })

    test('the tickets of both are that contact’s, whichever name is looked for, and a rebuild makes the same', async () => {
      const admin = await story.user('admin')
      const [hers, his] = [await story.ticket({ contactId: maria }), await story.ticket({ contactId: lid })]
      await story.receive(his, 'words of mimi')
      await projected.upToDate()
      await merge()
      // Claimed before, and opened a moment too late to be told of the merge.
      const late = await story.ticket({ contactId: lid })
      await complete()
      await projected.upToDate()
      const { reads } = projected
      const ids = async (filter: object) =>
        (await reads.tickets(admin, { limit: 10, ...filter })).items.map(({ id }) => id).sort()
      const all = [hers.id, his.id, late.id].sort()
      expect(await ids({ contactId: maria })).toEqual(all)
      expect(await ids({ contactId: lid })).toEqual([])
      for (const q of ['silva', 'mimi', '912340077']) expect(await ids({ q }), q).toEqual(all)
      expect(await reads.ticket(admin, his.id)).toMatchObject({ contact: { id: maria, name: 'Maria Silva' } })
      const found = await reads.searchMessages(admin, { q: 'words', contactId: maria, limit: 10 })
      expect(found.items.map(({ ticket }) => ticket.id)).toEqual([his.id])
      expect((await reads.contacts(admin, { limit: 10, q: 'mimi' })).items).toMatchObject([
        { id: maria, email: 'mimi@example.com', merged: [{ id: lid, name: 'Mimi', phone: null }] },
      ])
      expect(await reads.contact(admin, lid)).toMatchObject({ name: 'Mimi', mergedInto: maria })
      for (const id of [maria, lid])
        expect(await reads.conversationsOf(story.companyId, id)).toEqual(
          expect.arrayContaining([his.conversationId]),
        )
      const live = await rowsOf(database)
      await projected.stop()
      await dropTables(database.db)
      projected = startProjected(log, database)
      await projected.upToDate()
      expect(await rowsOf(database)).toEqual(live)
    })

    test('parted, each has their own again; what was opened meanwhile stays', async () => {
      const admin = await story.user('admin')
      const his = await story.ticket({ contactId: lid })
      await merge()
      await complete()
      const meanwhile = await story.ticket({ contactId: maria })
      await say(lid, {
        type: 'contact.unmerged',
        data: { fromId: maria, userId: admin.userId, blocked: false },
      })
      await say(maria, { type: 'contact.parted', data: { contactId: lid } })
      await projected.upToDate()
      const { reads } = projected
      const ids = async (contactId: string) =>
        (await reads.tickets(admin, { limit: 10, contactId })).items.map(({ id }) => id)
      expect(await ids(lid)).toEqual([his.id])
      expect(await ids(maria)).toEqual([meanwhile.id])
      const [one, other] = [await reads.contact(admin, maria), await reads.contact(admin, lid)]
      expect(one).toMatchObject({ name: 'Maria Silva', email: null })
      expect([one, other].map(contact => contact?.merged ?? contact?.mergedInto)).toEqual([
        undefined,
        undefined,
      ])
      const told = async (contactId: string, role: 'supervisor' | 'agent') =>
        (await reads.contactHistory(await story.user(role), contactId, { limit: 10 }))?.items.map(
          ({ type }) => type,
        )
      await projected.upToDate()
      expect(await told(lid, 'supervisor')).toEqual([
        'contact.unmerged',
        'contact.mergeCompleted',
        'contact.merged',
        'contact.created',
      ])
      expect(await told(lid, 'agent')).toBeUndefined()
    })
  })
}
