import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../database/port.ts'
import type { EventType } from '../../events/all.ts'
import type { Role } from '../../events/company.ts'
import type { UserPrincipal } from '../../events/principal.ts'
import { createStory, type Story } from '../../../test/support/company-story.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { openFactLog, type FactLog } from '../../../test/support/fact-log.ts'
import { startProjected, type Projected } from '../../../test/support/projected.ts'
import { BadCursor, type Page } from '../read-models.ts'

/** All items of a list, page by page. */
const walk = async <T>(ask: (cursor: string | undefined) => Promise<Page<T> | null>): Promise<T[]> => {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await ask(cursor)
    items.push(...(page?.items ?? []))
    cursor = page?.nextCursor ?? undefined
  } while (cursor)
  return items
}

/** What the read models answer, alike on every database. */
export const readsSuite = (column: 'pglite' | 'postgres'): void => {
  describe(`read models on ${column}`, () => {
    let database: Database<unknown>
    let log: FactLog
    let story: Story
    let projected: Projected
    const statements: string[] = []
    /** Without what the projections say by themselves meanwhile, as of their checkpoint. */
    const askedSince = (before: number): readonly string[] =>
      statements.slice(before).filter(statement => /\b\w+_row\b/.test(statement))
    const who = {} as Record<Role | 'stranger' | 'colleague', UserPrincipal>
    const at = '2026-03-01T12:00:00.000Z'
    const tickets = {} as Record<
      'pending' | 'elsewhere' | 'unrouted' | 'owned' | 'taken',
      { id: string; contactId: string; position: string }
    >

    beforeAll(async () => {
      database = await testDatabase(column, { onStatement: statement => statements.push(statement) })
      log = await openFactLog()
      story = createStory(log)
      await story.found()
      const [sales, support] = [await story.queue('Sales'), await story.queue('Support')]
      for (const role of ['super-admin', 'admin', 'supervisor', 'agent', 'auditor', 'analyst'] as const)
        who[role] = await story.user(role, role === 'supervisor' || role === 'agent' ? [sales] : [])
      who.colleague = await story.user('agent', [sales])
      const other = createStory(log)
      await other.found()
      who.stranger = await other.user('admin')
      const maria = await story.contact('María José', '551187654321')
      // All at one moment: the order of equals has to be total too.
      tickets.pending = await story.ticket({ contactId: maria, queueId: sales, at })
      tickets.elsewhere = await story.ticket({ queueId: support, at })
      tickets.unrouted = await story.ticket({ queueId: null, at })
      tickets.owned = await story.ticket({ queueId: support, userId: who.agent.userId, at })
      tickets.taken = await story.ticket({ queueId: sales, userId: who.colleague.userId, at })
      projected = startProjected(log, database)
      await projected.upToDate()
    })
    afterAll(async () => {
      await projected.stop()
      await database.close()
      await log.close()
    })

    test('each role sees its tickets, in lists, counts and one by one', async () => {
      const all = Object.keys(tickets) as (keyof typeof tickets)[]
      const expected: Record<keyof typeof who, (keyof typeof tickets)[]> = {
        'super-admin': all,
        admin: all,
        auditor: all,
        analyst: all,
        supervisor: ['pending', 'unrouted', 'taken'],
        agent: ['pending', 'owned'],
        colleague: ['pending', 'taken'],
        stranger: [],
      }
      for (const [name, seen] of Object.entries(expected) as [keyof typeof who, (keyof typeof tickets)[]][]) {
        const listed = await walk(cursor => projected.reads.tickets(who[name], { limit: 2, cursor }))
        expect(listed.map(ticket => ticket.id).sort(), name).toEqual(seen.map(key => tickets[key].id).sort())
        for (const key of all) {
          const one = await projected.reads.ticket(who[name], tickets[key].id)
          expect(one !== null, `${name} ${key}`).toBe(seen.includes(key))
          const page = await projected.reads.messages(who[name], tickets[key].id, { limit: 5 })
          expect(page !== null, `${name} ${key} messages`).toBe(seen.includes(key))
        }
        const counts = await projected.reads.ticketCounts(who[name])
        expect(counts.pending + counts.open, name).toBe(seen.length)
      }
      expect(await projected.reads.ticketCounts(who.agent)).toEqual({
        mine: 1,
        mineUnread: 0,
        pending: 1,
        open: 1,
        closed: 0,
      })
    })

    test('pages of equal times lose nothing and repeat nothing, both ways, at any size', async () => {
      for (const sort of ['newest', 'oldest'] as const)
        for (const limit of [1, 2, 3, 5]) {
          const ids = (await walk(cursor => projected.reads.tickets(who.admin, { limit, cursor, sort }))).map(
            t => t.id,
          )
          expect(ids, `${sort} ${limit}`).toHaveLength(5)
          expect(new Set(ids).size, `${sort} ${limit}`).toBe(5)
        }
    })

    test('a cursor of another list, or of nobody, is refused', async () => {
      const page = await projected.reads.tickets(who.admin, { limit: 1 })
      const cursor = page.nextCursor ?? ''
      await expect(projected.reads.tickets(who.admin, { limit: 1, cursor, sort: 'oldest' })).rejects.toThrow(
        BadCursor,
      )
      await expect(projected.reads.contacts(who.admin, { limit: 1, cursor })).rejects.toThrow(BadCursor)
      await expect(projected.reads.tickets(who.admin, { limit: 1, cursor: 'nonsense' })).rejects.toThrow(
        BadCursor,
      )
    })

    test.each([
      ['maria jose', 1],
      ['María', 5],
      ['josé', 1],
      ['11987654321', 1],
      ['+55 (11) 8765-4321', 1],
      ['1187654321', 1],
      ['100%', 0],
      ['_', 0],
      ['#1', 1],
      ['nobody', 0],
    ])('looking for %j finds %i', async (q, found) => {
      expect((await projected.reads.tickets(who.admin, { limit: 10, q })).items).toHaveLength(found)
    })

    test('another company, or a text that is no id, finds nothing anywhere', async () => {
      const { reads } = projected
      for (const id of [tickets.pending.id, 'not-an-id', "'; drop table x; --"]) {
        expect(await reads.ticket(who.stranger, id)).toBeNull()
        expect(await reads.messages(who.stranger, id, { limit: 1 })).toBeNull()
        expect(await reads.history(who.stranger, id, { limit: 1 })).toBeNull()
        expect(await reads.ticketAt(who.stranger, id, 0)).toBeNull()
        expect(await reads.media(who.stranger, id)).toBeNull()
      }
      expect(await reads.contact(who.stranger, tickets.pending.contactId)).toBeNull()
      expect(await reads.session(who.stranger, story.sessionId)).toBeNull()
      expect(await reads.user(who.stranger, who.admin.userId)).toBeNull()
      expect((await reads.contacts(who.stranger, { limit: 10 })).items).toEqual([])
    })

    test('messages are found by the beginnings of their words, newest first, by who may see them', async () => {
      const said = async (ticket: keyof typeof tickets, body: string) =>
        (await story.receive(tickets[ticket], body)).messageId
      const order = await said('owned', 'Cadê o meu Pedido nº 4711, por favor?')
      const answer = await said('taken', 'O pedido 4711 saiu para ENTREGA')
      const other = await said('elsewhere', 'pedido de outra fila')
      const deleted = await said('owned', 'pedido apagado')
      const last = await story.receive(tickets.owned, 'xícara quebrada')
      await log.say(story.companyId, 'ticket', tickets.owned.id, [
        { type: 'message.revoked', data: { messageId: deleted, at } },
      ])
      await log.say(
        story.companyId,
        'ticket',
        tickets.owned.id,
        [
          {
            type: 'message.edited',
            data: { messageId: last.messageId, at, personal: { body: 'prato quebrado' } },
          },
        ],
        { subject: tickets.owned.contactId },
      )
      await projected.upToDate()
      const found = async (name: keyof typeof who, q: string, more: object = {}): Promise<string[]> =>
        (
          await walk(cursor => projected.reads.searchMessages(who[name], { q, limit: 1, cursor, ...more }))
        ).map(({ messageId }) => messageId)

      expect(await found('admin', 'pedido')).toEqual([deleted, other, answer, order])
      expect(await found('supervisor', 'PED')).toEqual([answer])
      expect(await found('agent', 'pedido')).toEqual([order])
      expect(await found('analyst', 'pedido')).toEqual([])
      expect(await found('stranger', 'pedido')).toEqual([])
      expect(await found('admin', 'entrega pedído')).toEqual([answer])
      expect(await found('admin', '4711 cade')).toEqual([order])
      expect(await found('admin', 'xícara')).toEqual([])
      expect(await found('admin', 'quebrado')).toEqual([last.messageId])
      expect(await found('admin', '?!')).toEqual([])
      expect(await found('admin', "'); drop table")).toEqual([])
      expect(await found('admin', 'pedido', { ticketId: tickets.taken.id })).toEqual([answer])
      expect(await found('agent', 'pedido', { ticketId: tickets.taken.id })).toEqual([])
      expect(await found('admin', 'pedido', { contactId: tickets.elsewhere.contactId })).toEqual([other])
      expect(await found('admin', 'pedido', { to: '2001-01-01T00:00:00Z' })).toEqual([])
      expect(await found('admin', 'pedido', { from: '2001-01-01T00:00:00Z' })).toHaveLength(4)
      const [hit] = (await projected.reads.searchMessages(who.agent, { q: 'pedid', limit: 9 })).items
      expect(hit).toMatchObject({
        snippet: 'Cadê o meu Pedido nº 4711, por favor?',
        ticket: { id: tickets.owned.id },
      })
    })

    test('what stands beside the tickets of a conversation is read where its time puts it', async () => {
      const ticket = await story.ticket({ queueId: who.agent.queueIds[0]! })
      const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()
      const beside = (body: string, minute: number, history: boolean) =>
        story.beside(ticket, body, { at: at(minute), ...(history ? { history: true } : {}) })
      await story.receive(ticket, 'm1', { at: at(10) })
      await beside('h1', 1, true)
      await beside('h2', 2, true)
      await beside('h3', 15, true)
      await beside('sticker', 3, false)
      await story.receive(ticket, 'm2', { at: at(20) })
      await projected.upToDate()
      const all = ['h1', 'h2', 'sticker', 'm1', 'h3', 'm2']
      const whole = await projected.reads.messages(who.agent, ticket.id, { limit: 9 })
      expect(whole?.items.map(m => m.body)).toEqual(all)
      expect(whole?.items.map(m => m.history === true)).toEqual([true, true, false, false, true, false])
      expect(whole?.items[0]).toMatchObject({ ticketId: null, late: true, timestamp: at(1), sentAt: at(1) })
      const read: string[] = []
      for (let before: string | undefined, first = true; first || before; first = false) {
        const page = await projected.reads.messages(who.agent, ticket.id, {
          limit: 2,
          ...(before ? { before } : {}),
        })
        read.unshift(...page!.items.map(m => m.body))
        before = page!.nextCursor ?? undefined
      }
      expect(read).toEqual(all)
      const found = async (name: keyof typeof who, q: string, more: object = {}) =>
        walk(cursor => projected.reads.searchMessages(who[name], { q, limit: 1, cursor, ...more }))
      const [hit, ...others] = await found('agent', 'h2')
      expect(others).toEqual([])
      expect(hit).toMatchObject({ snippet: 'h2', beside: true, timestamp: at(2), ticket: { id: ticket.id } })
      expect(await found('analyst', 'h2')).toEqual([])
      expect(await found('stranger', 'h2')).toEqual([])
      const mine = { ticketId: ticket.id }
      expect((await found('admin', 'h', mine)).map(one => one.snippet)).toEqual(['h3', 'h2', 'h1'])
      await story.receive(ticket, 'h4', { at: at(30) })
      await projected.upToDate()
      expect((await found('admin', 'h', mine)).map(one => one.snippet)).toEqual(['h4', 'h3', 'h2', 'h1'])
      expect(await found('admin', 'h', { ...mine, to: at(2) })).toHaveLength(1)
      expect(await found('admin', 'h', { ticketId: tickets.taken.id })).toEqual([])
      for (const place of [mine, { contactId: ticket.contactId }]) {
        const inPlace = async (name: keyof typeof who) =>
          (await found(name, 'h', place)).map(one => one.snippet)
        expect(await inPlace('agent')).toEqual(['h4', 'h3', 'h2', 'h1'])
        expect(await inPlace('supervisor')).toEqual(['h4', 'h3', 'h2', 'h1'])
        expect(await inPlace('stranger')).toEqual([])
      }
      const [row] = (await projected.reads.tickets(who.admin, { q: undefined, limit: 50 })).items.filter(
        one => one.id === ticket.id,
      )
      expect(row).toMatchObject({ unreadCount: 3, lastMessage: { preview: 'h4' } })
    })

    test('messages come by the page, newest page first, oldest first in it, in a constant number of statements', async () => {
      const ticket = await story.ticket({ queueId: who.agent.queueIds[0]! })
      for (let i = 0; i < 7; i++) await story.receive(ticket, `m${i}`)
      await projected.upToDate()
      const before = statements.length
      const page = await projected.reads.messages(who.admin, ticket.id, { limit: 3 })
      expect(askedSince(before)).toHaveLength(1)
      expect(page?.items.map(m => m.body)).toEqual(['m4', 'm5', 'm6'])
      const older = await projected.reads.messages(who.admin, ticket.id, {
        limit: 3,
        before: page?.nextCursor ?? '',
      })
      expect(older?.items.map(m => m.body)).toEqual(['m1', 'm2', 'm3'])
      const oldest = await projected.reads.messages(who.admin, ticket.id, {
        limit: 3,
        before: older?.nextCursor ?? '',
      })
      expect(oldest).toMatchObject({ items: [{ body: 'm0' }], nextCursor: null })
    })

    test('analysts count but read nothing; what was deleted is read by auditors only, then and now', async () => {
      const ticket = await story.ticket({ queueId: who.agent.queueIds[0]! })
      const { messageId } = await story.receive(ticket, 'regretted')
      await log.say(story.companyId, 'ticket', ticket.id, [
        { type: 'message.revoked', data: { messageId, at } },
      ])
      await projected.upToDate()
      const { reads } = projected
      const bodyFor = async (role: Role) =>
        (await reads.messages(who[role], ticket.id, { limit: 5 }))?.items[0]?.body
      const bodyThen = async (role: Role) =>
        (await reads.ticketAt(who[role], ticket.id, 1))?.messages[0]?.body
      expect(await bodyFor('auditor')).toBe('regretted')
      expect(await bodyFor('agent')).toBe('')
      expect(await bodyFor('analyst')).toBe('')
      expect(await bodyThen('auditor')).toBe('regretted')
      expect(await bodyThen('supervisor')).toBe('')
      expect(JSON.stringify(await reads.history(who.supervisor, ticket.id, { limit: 9 }))).not.toContain(
        'regretted',
      )
      expect(await reads.history(who.analyst, ticket.id, { limit: 9 })).toBeNull()
      expect(await reads.ticketAt(who.analyst, ticket.id, 1)).toBeNull()
      expect(JSON.stringify(await reads.history(who.auditor, ticket.id, { limit: 9 }))).toContain('regretted')
    })

    test('history names who did what, page by page; agents look back into their own tickets only', async () => {
      const ticket = await story.ticket({ queueId: who.agent.queueIds[0]! })
      await story.receive(ticket, 'hi')
      expect(
        await (await projected.upToDate(), projected.reads.history(who.agent, ticket.id, { limit: 9 })),
      ).toBeNull()
      await log.say(
        story.companyId,
        'ticket',
        ticket.id,
        [{ type: 'ticket.accepted', data: { userId: who.agent.userId, waitedMs: 1 } }],
        {
          actor: { kind: 'user', id: who.agent.userId },
        },
      )
      await projected.upToDate()
      const entries = await walk(cursor =>
        projected.reads.history(who.agent, ticket.id, { limit: 2, cursor }),
      )
      expect(entries.map(entry => [entry.revision, entry.type, entry.actor.name])).toEqual([
        [0, 'ticket.opened', null],
        [1, 'message.received', 'Maria'],
        [2, 'ticket.accepted', 'agent'],
      ])
    })

    test('the past of a session is told newest first, page by page, to who answers for it', async () => {
      const named = { actor: { kind: 'user', id: who.admin.userId } } as const
      await log.say(story.companyId, 'session', story.sessionId, [
        { type: 'session.startRequested', data: {} },
        { type: 'session.owned', data: { node: 'n1' } },
        { type: 'session.connected', data: { account: null } },
        { type: 'session.disconnected', data: { reason: 'the connection was lost', code: '408' } },
      ])
      await log.say(
        story.companyId,
        'session',
        story.sessionId,
        [{ type: 'session.stopped', data: { reason: 'stopped by an admin' } }],
        named,
      )
      await projected.upToDate()
      const { reads } = projected
      const ask = (principal: UserPrincipal, cursor?: string) =>
        reads.sessionHistory(principal, story.sessionId, { limit: 2, cursor })
      const entries = await walk(cursor => ask(who.admin, cursor))
      expect(entries.map(entry => entry.type).slice(0, 5)).toEqual([
        'session.stopped',
        'session.disconnected',
        'session.connected',
        'session.owned',
        'session.startRequested',
      ])
      expect(entries.map(entry => entry.revision)).toEqual(entries.map((_, i) => entries.length - 1 - i))
      expect(entries[0]).toMatchObject({ actor: { name: 'admin' } })
      expect(entries[1]).toMatchObject({ data: { reason: 'the connection was lost', code: '408' } })
      for (const role of ['super-admin', 'supervisor', 'auditor'] as const)
        expect((await ask(who[role]))?.items).toHaveLength(2)
      for (const role of ['agent', 'analyst', 'stranger'] as const) expect(await ask(who[role])).toBeNull()
      expect(await reads.sessionHistory(who.admin, 'not-a-uuid', { limit: 2 })).toBeNull()
      expect(await reads.sessionHistory(who.admin, randomUUID(), { limit: 2 })).toBeNull()
      await expect(
        reads.sessionHistory(who.admin, story.sessionId, { limit: 2, cursor: 'x' }),
      ).rejects.toThrow(BadCursor)
    })

    test('how busy a session is comes in one statement: traffic, budgets, gaps', async () => {
      const now = '2026-03-20T12:00:00.000Z'
      const [hourAgo, dayAgo] = ['2026-03-20T11:30:00.000Z', '2026-03-19T13:00:00.000Z']
      const desk = createStory(log)
      await desk.found()
      const admin = await desk.user('admin')
      const say = (at: string, type: EventType, data: unknown) =>
        log.say(desk.companyId, 'session', desk.sessionId, [{ type, data } as never], { at })
      await say('2026-03-12T12:00:00.000Z', 'session.connected', { account: null })
      const settings = { reopenPolicy: 'reopen', reopenMinutes: 120, pacing: 'normal' }
      await say('2026-03-12T12:00:00.000Z', 'session.changed', { settings })
      const chat = { conversationId: randomUUID(), messageId: randomUUID() }
      for (const at of ['2026-03-19T11:00:00.000Z', dayAgo, hourAgo]) await say(at, 'session.chatBegun', chat)
      for (const [from, to] of [
        ['2026-03-01T00:00:00.000Z', '2026-03-01T01:00:00.000Z'],
        ['2026-03-18T11:59:30.000Z', '2026-03-18T12:00:10.000Z'],
        ['2026-03-20T08:00:00.000Z', '2026-03-20T08:00:20.000Z'],
      ])
        await say(now, 'session.gapRecorded', { from, to })
      await say(hourAgo, 'session.disconnected', { reason: 'the connection was lost', code: null })
      const ticket = await desk.ticket({ at: dayAgo, userId: admin.userId })
      for (const at of ['2026-03-18T12:00:00.000Z', dayAgo, hourAgo]) await desk.receive(ticket, 'hi', { at })
      const { messageId } = await desk.reply(ticket, admin.userId, 'later', { at: hourAgo })
      const until = '2026-03-20T12:05:00.000Z'
      await log.say(desk.companyId, 'ticket', ticket.id, [
        {
          type: 'message.deferred',
          data: { messageId, reason: 'pacing', until, retries: 0, held: { by: 'pace', deadline: until } },
        },
      ])
      await projected.upToDate()
      const before = statements.length
      expect(await projected.reads.sessionActivity(admin, desk.sessionId, now)).toEqual({
        pacing: {
          mode: 'normal',
          linkedAt: '2026-03-12T12:00:00.000Z',
          perMinute: 30,
          newChats: { used: 2, limit: 50, nextAt: null },
          held: { count: 1, nextAt: until },
        },
        messages: { hour: { in: 1, out: 1 }, day: { in: 2, out: 1 } },
        gaps: { days: 7, count: 2, seconds: 60, since: hourAgo },
      })
      expect(askedSince(before)).toHaveLength(1)
      const [held] = (await projected.reads.messages(admin, ticket.id, { limit: 1 }))?.items ?? []
      expect(held).toMatchObject({ ack: 'queued', waiting: { by: 'pace', until } })
    })

    test('how busy a session is is told to who answers for it', async () => {
      const { reads } = projected
      const ask = (principal: UserPrincipal, id: string = story.sessionId) =>
        reads.sessionActivity(principal, id, at)
      for (const role of ['super-admin', 'admin', 'supervisor', 'auditor'] as const)
        expect(await ask(who[role])).toMatchObject({ pacing: { mode: 'off', newChats: null } })
      for (const role of ['agent', 'analyst', 'stranger'] as const) expect(await ask(who[role])).toBeNull()
      expect([await ask(who.admin, randomUUID()), await ask(who.admin, 'no')]).toEqual([null, null])
    })

    test('a ticket as it was is what the tables showed then', async () => {
      const ticket = await story.ticket()
      await story.receive(ticket, 'first')
      await projected.upToDate()
      const then = {
        ticket: await projected.reads.ticket(who.admin, ticket.id),
        messages: (await projected.reads.messages(who.admin, ticket.id, { limit: 9 }))?.items,
      }
      await story.reply(ticket, who.admin.userId, 'second')
      await projected.upToDate()
      expect(await projected.reads.ticketAt(who.admin, ticket.id, 1)).toEqual(then)
      expect((await projected.reads.ticketAt(who.admin, ticket.id, 0))?.messages).toEqual([])
      expect(await projected.reads.ticketAt(who.admin, ticket.id, 99)).toBeNull()
    })

    test('the server finds messages by the channel, unsent ones, wanted sessions and rights', async () => {
      const ticket = await story.ticket()
      const { messageId } = await story.receive(ticket, 'in', { providerMessageId: 'wamid.1' })
      const { messageId: unsent } = await story.reply(ticket, who.admin.userId, 'out')
      await log.say(story.companyId, 'session', story.sessionId, [
        { type: 'session.startRequested', data: {} },
      ])
      await projected.upToDate()
      const { reads } = projected
      const stream = `ticket-${story.companyId}.${ticket.id}`
      expect(await reads.messageByProviderId(story.companyId, story.sessionId, 'wamid.1')).toEqual({
        stream,
        messageId,
        fromMe: false,
      })
      expect(await reads.messageByProviderId(story.companyId, randomUUID(), 'wamid.1')).toBeNull()
      expect(await reads.messageByProviderId(who.stranger.companyId, story.sessionId, 'wamid.1')).toBeNull()
      expect(await reads.ticketOfMessage(story.companyId, unsent)).toBe(ticket.id)
      expect(await reads.ticketOfMessage(who.stranger.companyId, unsent)).toBeNull()
      expect(await reads.ticketOfMessage(story.companyId, randomUUID())).toBeNull()
      expect(await reads.unsentMessages()).toContainEqual({
        companyId: story.companyId,
        sessionId: story.sessionId,
        conversationId: ticket.conversationId,
        stream,
        messageId: unsent,
      })
      expect(await reads.wantedSessions()).toEqual([
        { companyId: story.companyId, sessionId: story.sessionId },
      ])
      expect(await reads.principal(story.companyId, who.agent.userId)).toEqual(who.agent)
      expect(await reads.principal(who.stranger.companyId, who.agent.userId)).toBeNull()
    })

    test('media is found by who may see the message, once its bytes are here', async () => {
      const ticket = await story.ticket({ queueId: who.agent.queueIds[0]! })
      const messageId = randomUUID()
      await log.say(story.companyId, 'ticket', ticket.id, [
        {
          type: 'message.received',
          data: {
            messageId,
            authorId: ticket.contactId,
            kind: 'image',
            sentAt: at,
            receivedAt: at,
            late: false,
            media: { mime: 'image/png', atChannel: true },
            personal: { body: '', providerMessageId: 'p1', mediaName: 'cat.png' },
          },
        },
      ])
      await projected.upToDate()
      expect(await projected.reads.media(who.admin, messageId)).toBeNull()
      await log.say(story.companyId, 'ticket', ticket.id, [
        {
          type: 'message.mediaStored',
          data: { messageId, media: { mime: 'image/png', key: 'k1', size: 3 } },
        },
      ])
      await projected.upToDate()
      expect(await projected.reads.media(who.agent, messageId)).toEqual({
        key: 'k1',
        mime: 'image/png',
        name: 'cat.png',
      })
      expect(await projected.reads.media(who.analyst, messageId)).toBeNull()
      expect(await projected.reads.media(who.stranger, messageId)).toBeNull()
      const [message] = (await projected.reads.messages(who.admin, ticket.id, { limit: 1 }))!.items
      expect(message?.media).toMatchObject({ url: `/api/v1/media/${messageId}`, size: 3, name: 'cat.png' })
    })
  })
}
