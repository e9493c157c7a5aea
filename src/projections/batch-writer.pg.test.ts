import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createStory } from '../../test/support/company-story.ts'
import { testDatabase } from '../../test/support/database.ts'
import { openFactLog } from '../../test/support/fact-log.ts'
import type { StoredEvent } from '../eventstore/port.ts'
import { silentLog } from '../shared/log.ts'
import { createBatchWriter } from './batch-writer.ts'
import { openCheckpoint, readCheckpoint } from './checkpoint.ts'
import { decodeBatch } from './decode-batch.ts'
import { createCaches } from './rows-cache.ts'
import { SCHEMA, table } from './tables.ts'

test('what nobody could read is recorded before the tables pass it, wherever writing one by one ends', async () => {
  let writes = 0
  let breaksAt = Infinity
  const database = await testDatabase('postgres', {
    onStatement: statement => {
      if (statement.startsWith('with moved') && ++writes === breaksAt) throw new Error('the line broke')
    },
  })
  const log = await openFactLog()
  try {
    const story = createStory(log)
    await story.found()
    const ticket = await story.ticket()
    const unread = await log.sayRaw(`ticket-${story.companyId}.${randomUUID()}`, 'ticket.teleported', {})
    // A number that no column holds makes the database refuse the batch.
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
    await story.receive(ticket, 'after both')
    const events: StoredEvent[] = []
    for await (const event of log.store.readAll({ limit: 1_000 })) events.push(event)
    const decoded = await decodeBatch(events, log.decode)
    await openCheckpoint(database.db, log.store, () => log.store.head())
    const writer = createBatchWriter({ db: () => database.db, caches: createCaches(), log: silentLog })
    // The whole batch is one write, each fact another, the refused one two: it breaks at the last fact.
    breaksAt = 1 + decoded.facts.length + 1
    const stretch = { ...decoded, to: events.at(-1)!.position }
    const written = writer.write({ schema: SCHEMA, position: '', generation: 1 }, stretch)
    await expect(written).rejects.toThrow('the line broke')
    expect((await readCheckpoint(database.db))!.position > unread).toBe(true)
    const recorded = await sql<{
      type: string
    }>`select type from ${table('poisoned')} order by position`.execute(database.db)
    expect(recorded.rows).toEqual([{ type: 'ticket.teleported' }, { type: 'ticket.opened' }])
  } finally {
    await database.close()
    await log.close()
  }
})
