import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/port.ts'
import { WINDOW_HOURS } from '../events/session.ts'
import type { UserPrincipal } from '../events/principal.ts'
import { BAILEYS_CAPABILITIES } from '../providers/baileys/capabilities.ts'
import { CLOUD_CAPABILITIES } from '../providers/cloud/capabilities.ts'
import { instagramChannel } from '../providers/instagram/channel.ts'
import { messengerChannel } from '../providers/messenger/channel.ts'
import { SIMULATOR_CAPABILITIES } from '../providers/simulator/capabilities.ts'
import { createStory, type Story } from '../../test/support/company-story.ts'
import { testDatabase } from '../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../test/support/projected.ts'

const NOON = '2026-03-01T12:00:00.000Z'
const NEXT_NOON = '2026-03-02T12:00:00.000Z'
let database: Database<unknown>
let log: FactLog
let story: Story
let projected: Projected
let admin: UserPrincipal
let cloud: string
const statements: string[] = []

beforeAll(async () => {
  database = await testDatabase('pglite', { onStatement: statement => statements.push(statement) })
  log = await openFactLog()
  story = createStory(log)
  await story.found()
  admin = await story.user('admin')
  cloud = await story.session('cloud')
  projected = startProjected(log, database)
})
afterAll(async () => {
  await projected.stop()
  await database.close()
  await log.close()
})

const windowOf = async (id: string) => {
  await projected.upToDate()
  return (await projected.reads.ticket(admin, id))?.window
}
const listed = async (id: string) =>
  (await projected.reads.tickets(admin, { limit: 100 })).items.find(ticket => ticket.id === id)

test('it closes a day after the customer last wrote, and says so in lists too', async () => {
  const ticket = await story.ticket({ sessionId: cloud })
  expect(await windowOf(ticket.id)).toEqual({ closesAt: null })
  expect(await listed(ticket.id)).not.toHaveProperty('window')
  await story.receive(ticket, 'first', { at: '2026-03-01T11:00:00.000Z' })
  await story.receive(ticket, 'last', { at: NOON })
  await story.receive(ticket, 'came late', { at: '2026-03-01T10:00:00.000Z' })
  await story.reply(ticket, admin.userId, 'answered')
  expect(await windowOf(ticket.id)).toEqual({ closesAt: NEXT_NOON })
  expect((await listed(ticket.id))?.window).toEqual({ closesAt: NEXT_NOON })
  const pushed = await projected.reads.ticketViews([{ companyId: admin.companyId, id: ticket.id }])
  expect(pushed.get(ticket.id)?.ticket.window).toEqual({ closesAt: NEXT_NOON })
})

test("a conversation's next ticket, opened by an agent, has the window that the one before left", async () => {
  const before = await story.ticket({ sessionId: cloud })
  await story.receive(before, 'hello', { at: NOON })
  const { contactId, conversationId } = before
  const next = await story.ticket({ sessionId: cloud, contactId, conversationId })
  expect(await windowOf(next.id)).toEqual({ closesAt: NEXT_NOON })
  // A row by itself does not know of other tickets: it says nothing rather than something wrong.
  expect(await listed(next.id)).not.toHaveProperty('window')
})

test('what went into no ticket counts, and other conversations do not', async () => {
  const ticket = await story.ticket({ sessionId: cloud })
  const { contactId, conversationId } = ticket
  const elsewhere = await story.ticket({ sessionId: cloud, contactId })
  await story.receive(elsewhere, 'elsewhere', { at: '2026-03-05T12:00:00.000Z' })
  expect(await windowOf(ticket.id)).toEqual({ closesAt: null })
  await log.say(
    story.companyId,
    'conversation',
    conversationId,
    [
      {
        type: 'message.received',
        data: {
          messageId: crypto.randomUUID(),
          authorId: contactId,
          kind: 'sticker',
          sentAt: NOON,
          receivedAt: NOON,
          late: false,
          personal: { body: '', providerMessageId: 'sticker-1' },
        },
      },
    ],
    { subject: contactId, at: NOON, actor: { kind: 'contact', id: contactId } },
  )
  expect(await windowOf(ticket.id)).toEqual({ closesAt: NEXT_NOON })
})

test('channels without a window have none, and one ticket is one question', async () => {
  const ticket = await story.ticket()
  await story.receive(ticket, 'hello', { at: NOON })
  expect(await windowOf(ticket.id)).toBeUndefined()
  statements.length = 0
  await projected.reads.ticket(admin, ticket.id)
  expect(statements).toHaveLength(1)
})

test('the hours are those that each channel says of itself', () => {
  expect(WINDOW_HOURS).toEqual({
    baileys: BAILEYS_CAPABILITIES.windowHours,
    cloud: CLOUD_CAPABILITIES.windowHours,
    simulator: SIMULATOR_CAPABILITIES.windowHours,
    messenger: messengerChannel.capabilities.windowHours,
    instagram: instagramChannel.capabilities.windowHours,
  })
})
