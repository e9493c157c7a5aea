import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../database/port.ts'
import { createStory, type Story } from '../../../test/support/company-story.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../../test/support/projected.ts'
import { dropTables, projections, table } from '../tables.ts'

const NUMBER = '5511912340077'
const CANARIES = ['Maria Canary', NUMBER, 'words of maria', 'answer to maria', 'file of maria', '👍🏽']

const rowsOf = async (database: Database<unknown>): Promise<Record<string, unknown[]>> => {
  const all: Record<string, unknown[]> = {}
  for (const { table: name } of projections)
    all[name] = (await sql`select * from ${table(name)} order by company_id, id`.execute(database.db)).rows
  return all
}

/** What the read models do when a person is erased, alike on every database. */
export const erasureSuite = (column: 'pglite' | 'postgres'): void => {
  describe(`erasure on ${column}`, () => {
    let database: Database<unknown>
    let log: FactLog
    let story: Story
    let projected: Projected | null = null
    beforeAll(async () => {
      database = await testDatabase(column)
    })
    afterAll(() => database.close())
    afterEach(async () => {
      await projected?.stop()
      await dropTables(database.db)
      await log.close()
    })
    const erased = (contactId: string): Promise<string> =>
      log.say(story.companyId, 'contact', contactId, [
        { type: 'contact.erased', data: { userId: null, reason: 'requested', aliasIds: [] } },
      ])
    const completed = (contactId: string): Promise<string> =>
      log.say(story.companyId, 'contact', contactId, [
        { type: 'contact.erasureCompleted', data: { filesRemoved: 0, lettersErased: 0, ticketsClosed: 0 } },
      ])
    /** Maria, who wrote and was answered, in her ticket and in a group; and Rui, whom it does not concern. */
    const tell = async () => {
      log = await openFactLog()
      story = createStory(log)
      await story.found()
      const agent = await story.user('agent')
      const maria = await story.contact('Maria Canary', NUMBER)
      const rui = await story.contact('Rui', '5511955554444')
      const hers = await story.ticket({ contactId: maria })
      const his = await story.ticket({ contactId: rui })
      await story.receive(hers, 'words of maria')
      await story.reply(hers, agent.userId, 'answer to maria')
      const kept = await story.receive(his, 'words of rui')
      await story.receive({ id: his.id, contactId: maria }, 'words of maria in the group')
      const group = { subject: maria, actor: { kind: 'contact' as const, id: maria } }
      await log.say(
        story.companyId,
        'ticket',
        his.id,
        [
          {
            type: 'message.reacted',
            data: { messageId: kept.messageId, authorId: maria, fromMe: false, personal: { emoji: '👍🏽' } },
          },
          {
            type: 'message.received',
            data: {
              messageId: randomUUID(),
              authorId: maria,
              kind: 'image',
              sentAt: '2026-03-02T12:00:00.000Z',
              receivedAt: '2026-03-02T12:00:00.000Z',
              late: false,
              media: { mime: 'image/jpeg', key: 'company/hash', size: 3 },
              personal: { body: '', providerMessageId: `wamid ${NUMBER}`, mediaName: 'file of maria' },
            },
          },
        ],
        group,
      )
      return { maria, rui, hers, his }
    }
    const found = (rows: Record<string, unknown[]>): string[] => {
      const text = JSON.stringify(rows)
      return CANARIES.filter(canary => text.includes(canary))
    }

    test('everything of theirs is blank, everybody else as before, and a rebuild makes the same', async () => {
      const { maria, hers, his } = await tell()
      projected = startProjected(log, database)
      await projected.upToDate()
      expect(found(await rowsOf(database))).toEqual(CANARIES)
      const admin = await story.user('admin')
      await projected.upToDate()
      const hits = async (q: string): Promise<string[]> =>
        (await projected!.reads.searchMessages(admin, { q, limit: 10 })).items.map(({ snippet }) =>
          JSON.stringify(snippet),
        )
      expect(await hits('maria')).toHaveLength(3)
      await erased(maria)
      // Sealed with the key a moment before it was destroyed.
      await story.receive(hers, 'words of maria, too late')
      await projected.upToDate()
      log.keys.destroy(maria)
      await completed(maria)
      await projected.upToDate()
      const live = await rowsOf(database)
      expect(found(live)).toEqual([])
      expect(live['message_words']).toEqual([
        expect.objectContaining({ ticket_id: his.id, words: expect.stringContaining('rui') }),
      ])
      for (const q of ['maria', 'answer', 'late', 'group']) expect(await hits(q), q).toEqual([])
      expect(await hits('words')).toHaveLength(1)
      const messages = live['message_row'] as { ticket_id: string; body: string; ack: string }[]
      expect(messages.filter(row => row.ticket_id === hers.id)).toHaveLength(3)
      expect(messages.filter(row => row.ticket_id === his.id).map(({ body }) => body)).toContain(
        'words of rui',
      )
      expect(live['contact_row']).toContainEqual(
        expect.objectContaining({ id: maria, name: null, phone: null, search: '', addresses: [] }),
      )
      expect(live['contact_row']).toContainEqual(expect.objectContaining({ name: 'Rui' }))
      expect(live['conversation_row']).toContainEqual(
        expect.objectContaining({ id: hers.conversationId, addresses: [] }),
      )

      await projected.stop()
      await dropTables(database.db)
      projected = startProjected(log, database)
      await projected.upToDate()
      expect(await rowsOf(database)).toEqual(live)
    })

    test('in one batch with what they wrote, it is blank too', async () => {
      const { maria } = await tell()
      await erased(maria)
      await completed(maria)
      projected = startProjected(log, database)
      await projected.upToDate()
      const rows = await rowsOf(database)
      expect(found(rows)).toEqual([])
      expect(rows['message_words']).toHaveLength(1)
    })

    test('the lists still show that there was somebody', async () => {
      const { maria, hers } = await tell()
      await erased(maria)
      const admin = await story.user('admin')
      projected = startProjected(log, database)
      await projected.upToDate()
      expect(await projected.reads.contact(admin, maria)).toMatchObject({ erased: true, name: null })
      expect(await projected.reads.ticket(admin, hers.id)).toMatchObject({
        contact: { id: maria, name: null, erased: true },
        lastMessage: { preview: '' },
      })
      expect(await projected.reads.contacts(admin, { limit: 10, q: 'Canary' })).toMatchObject({ items: [] })
      expect(await projected.reads.streamsAbout(story.companyId, maria)).toHaveLength(2)
      expect(await projected.reads.conversationsOf(story.companyId, maria)).toEqual([hers.conversationId])
    })
  })
}
