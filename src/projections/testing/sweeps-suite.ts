import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../database/port.ts'
import type { UserPrincipal } from '../../events/principal.ts'
import { createStory, type Story } from '../../../test/support/company-story.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../../test/support/projected.ts'
import { BadCursor, type DeadLetter } from '../read-models.ts'

const LATER = '2100-01-01T00:00:00.000Z'
const LONG_AGO = '2000-01-01T00:00:00.000Z'

/** What admins and the server's own sweeps find, alike on every database. */
export const sweepsSuite = (column: 'pglite' | 'postgres'): void => {
  describe(`dead letters and sweeps on ${column}`, () => {
    let database: Database<unknown>
    let log: FactLog
    let story: Story
    let projected: Projected
    let admin: UserPrincipal

    beforeAll(async () => {
      database = await testDatabase(column)
      log = await openFactLog()
      story = createStory(log)
      await story.found()
      admin = await story.user('admin')
      projected = startProjected(log, database)
    })
    afterAll(async () => {
      await projected.stop()
      await database.close()
      await log.close()
    })

    const bury = async (at: string, payload = 'what came', companyId = story.companyId): Promise<string> => {
      const id = randomUUID()
      await log.say(
        companyId,
        'deadletter',
        id,
        [
          {
            type: 'deadLetter.recorded',
            data: {
              source: 'intake:message',
              reason: 'unknown',
              sessionId: story.sessionId,
              aliasIds: [],
              rawKey: null,
              personal: { payload },
            },
          },
        ],
        { subject: companyId, at },
      )
      return id
    }
    const tried = (id: string, outcome: 'processed' | 'failed', at: string) =>
      log.say(
        story.companyId,
        'deadletter',
        id,
        [{ type: 'deadLetter.retried', data: { userId: admin.userId, outcome, reason: 'still' } }],
        { at },
      )

    test('dead letters are listed newest first, page by page, by status, and read with their payload', async () => {
      const at = '2026-03-01T12:00:00.000Z'
      const ids = [await bury(at), await bury(at), await bury('2026-03-01T12:00:01.000Z', 'the newest')]
      await tried(ids[0]!, 'failed', '2026-03-01T12:01:00.000Z')
      await tried(ids[1]!, 'failed', '2026-03-01T12:01:00.000Z')
      await tried(ids[1]!, 'processed', '2026-03-01T12:02:00.000Z')
      await projected.upToDate()
      const found: DeadLetter[] = []
      let cursor: string | undefined
      do {
        const page = await projected.reads.deadLetters(admin, { limit: 1, cursor })
        found.push(...page.items)
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(found.map(({ id }) => id)).toEqual([ids[2], ...ids.slice(0, 2).sort().reverse()])
      const of = (id: string | undefined) => found.find(one => one.id === id)
      expect(of(ids[0])).toMatchObject({ status: 'waiting', attempts: 1, lastError: 'still', revision: 1 })
      expect(of(ids[1])).toMatchObject({ status: 'processed', attempts: 2, lastError: null, revision: 2 })
      expect(of(ids[2])).toEqual({
        id: ids[2],
        source: 'intake:message',
        reason: 'unknown',
        sessionId: story.sessionId,
        status: 'waiting',
        attempts: 0,
        lastError: null,
        revision: 0,
        createdAt: '2026-03-01T12:00:01.000Z',
        updatedAt: '2026-03-01T12:00:01.000Z',
      })
      const waiting = await projected.reads.deadLetters(admin, { limit: 9, status: 'waiting' })
      expect(waiting.items.map(({ id }) => id)).toEqual([ids[2], ids[0]])
      expect(await projected.reads.deadLetter(admin, ids[2]!)).toEqual({
        ...of(ids[2]),
        payload: 'the newest',
      })
      await log.say(story.companyId, 'deadletter', ids[2]!, [
        { type: 'deadLetter.dropped', data: { userId: admin.userId } },
      ])
      await projected.upToDate()
      expect(await projected.reads.deadLetter(admin, ids[2]!)).toMatchObject({ status: 'dropped' })
      await expect(projected.reads.deadLetters(admin, { limit: 1, cursor: 'nonsense' })).rejects.toThrow(
        BadCursor,
      )
    })

    test('nobody but admins of the company sees any, or that there are any', async () => {
      const id = await bury('2026-03-02T12:00:00.000Z')
      const other = createStory(log)
      await other.found()
      const stranger = await other.user('admin')
      const superAdmin = await story.user('super-admin')
      await projected.upToDate()
      expect(await projected.reads.deadLetter(superAdmin, id)).not.toBeNull()
      const others = [stranger]
      for (const role of ['supervisor', 'agent', 'auditor', 'analyst'] as const)
        others.push(await story.user(role))
      for (const who of others) {
        expect(await projected.reads.deadLetters(who, { limit: 9 }), who.role).toEqual({
          items: [],
          nextCursor: null,
        })
        expect(await projected.reads.deadLetter(who, id), who.role).toBeNull()
      }
      expect(await projected.reads.deadLetter(admin, 'no-id')).toBeNull()
    })

    test('a payload that can no longer be opened is said to be none', async () => {
      const other = createStory(log)
      await other.found()
      const who = await other.user('admin')
      const id = await bury('2026-03-02T12:00:00.000Z', 'gone', other.companyId)
      log.keys.destroy(other.companyId)
      await projected.upToDate()
      expect(await projected.reads.deadLetter(who, id)).toMatchObject({ id, payload: null })
    })

    test('claims without a ticket and closed tickets that were not released are found, and only those', async () => {
      const claimed = randomUUID()
      const contactId = await story.contact('Ana')
      const opening = {
        number: 900,
        sessionId: story.sessionId,
        conversationId: claimed,
        contactId,
        isGroup: false,
        queueId: null,
        userId: null,
      }
      const at = '2026-03-03T12:00:00.000Z'
      await log.say(
        story.companyId,
        'conversation',
        claimed,
        [
          {
            type: 'conversation.started',
            data: {
              sessionId: story.sessionId,
              contactId,
              isGroup: false,
              addressesHash: 'h',
              personal: { addresses: [{ kind: 'phone', value: '5511911112222' }] },
            },
          },
          {
            type: 'conversation.ticketClaimed',
            data: { ticketId: randomUUID(), ordinal: 1, reopen: false, opening },
          },
        ],
        { subject: contactId, at },
      )
      const closed = await story.ticket()
      const living = await story.ticket()
      const released = await story.ticket()
      for (const ticket of [closed, released])
        await log.say(story.companyId, 'ticket', ticket.id, [
          { type: 'ticket.closed', data: { reason: 'solved', userId: null } },
        ])
      await log.say(story.companyId, 'conversation', released.conversationId, [
        {
          type: 'conversation.ticketReleased',
          data: {
            ticketId: released.id,
            ordinal: 1,
            closedAt: at,
            queueId: null,
            userId: null,
            messageIds: [],
          },
        },
      ])
      await projected.upToDate()
      const found = (await projected.reads.unsettledConversations(LATER)).filter(
        ({ companyId }) => companyId === story.companyId,
      )
      expect(found.map(({ conversationId }) => conversationId).sort()).toEqual(
        [claimed, closed.conversationId].sort(),
      )
      expect(found).not.toContainEqual(expect.objectContaining({ conversationId: living.conversationId }))
      expect(await projected.reads.unsettledConversations(LONG_AGO)).toEqual([])
      expect(await projected.reads.unsettledConversations('2026-03-03T12:00:00.001Z')).toEqual([
        { companyId: story.companyId, conversationId: claimed },
      ])
    })

    test('media that the channel still has to give is found until it is stored, too large or failed', async () => {
      const ticket = await story.ticket()
      const say = (...facts: Parameters<FactLog['say']>[3]) =>
        log.say(story.companyId, 'ticket', ticket.id, facts, { subject: ticket.contactId })
      const receive = async (media?: object): Promise<string> => {
        const messageId = randomUUID()
        const now = new Date().toISOString()
        await say({
          type: 'message.received',
          data: {
            messageId,
            authorId: ticket.contactId,
            kind: 'image',
            sentAt: now,
            receivedAt: now,
            late: false,
            ...(media ? { media: { mime: 'image/png', ...media } } : {}),
            personal: { body: '', providerMessageId: messageId },
          },
        })
        return messageId
      }
      const wanted = [await receive({ atChannel: true }), await receive({ atChannel: true })]
      const large = await receive({ atChannel: true })
      await receive()
      await receive({ key: 'there already', atChannel: true })
      await receive({ tooLarge: true, atChannel: true })
      const unfetched = async () => {
        await projected.upToDate()
        return (await projected.reads.unfetchedMedia()).map(({ messageId }) => messageId)
      }
      expect(await unfetched()).toEqual([...wanted, large])
      expect((await projected.reads.unfetchedMedia())[1]).toEqual({
        companyId: story.companyId,
        sessionId: story.sessionId,
        ticketId: ticket.id,
        messageId: wanted[1],
        revision: 2,
      })
      await say(
        {
          type: 'message.mediaStored',
          data: { messageId: wanted[0]!, media: { mime: 'image/png', key: 'k' } },
        },
        {
          type: 'message.mediaStored',
          data: { messageId: large, media: { mime: 'image/png', tooLarge: true } },
        },
      )
      expect(await unfetched()).toEqual([wanted[1]])
      await say({ type: 'message.mediaFailed', data: { messageId: wanted[1]!, reason: 'gone' } })
      expect(await unfetched()).toEqual([])
    })
  })
}
