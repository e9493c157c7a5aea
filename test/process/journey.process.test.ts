import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { columnAvailable } from '../support/world.ts'

/** The main job through the API of a real server: written, answered, acknowledged, closed, replayed. */
for (const column of ['embedded', 'outside'] as const)
  describe.skipIf(!(await columnAvailable(column)))(`the journey of a message, ${column}`, () => {
    let app: Awaited<ReturnType<typeof startApp>>
    beforeAll(async () => {
      app = await startApp({ column })
    })
    afterAll(() => app.close())

    test('a customer writes, is answered, and the ticket can be replayed', async () => {
      const { api, world } = app
      const sessionId = await api.openSession({ name: 'Loja', provider: 'simulator' })
      expect((await api.session(sessionId)).account).toBe(`sim-${sessionId}`)

      const written = await api.ask<{ messageId: string; duplicate: boolean }>(
        'POST',
        `/simulator/${sessionId}/inbound`,
        {
          body: { from: '5511987654321', name: 'Maria', text: 'Oi, meu pedido chegou errado', id: 'first' },
        },
      )
      expect(written).toMatchObject({ status: 202, body: { duplicate: false } })
      const pending = await until('the ticket', async () =>
        (await api.ticketsOf(sessionId, 'Maria')).find(ticket => ticket.lastMessage !== null),
      )
      expect(pending).toMatchObject({ status: 'pending', user: null, unreadCount: 1 })
      expect(pending.contact.phone).toBe('5511987654321')
      expect(pending.lastMessage).toMatchObject({ preview: 'Oi, meu pedido chegou errado', fromMe: false })

      const { id } = pending
      const early = await api.ask('POST', `/tickets/${id}/messages`, { body: { body: 'too early' } })
      expect(early).toMatchObject({ status: 409, body: { code: 'ticket-not-open' } })
      const accepted = await api.post(`/tickets/${id}/accept`)
      expect(await api.ticket(id)).toMatchObject({ status: 'open', unreadCount: 0, user: { name: 'Admin' } })

      const key = { 'idempotency-key': 'reply-1' }
      const reply = await api.post(`/tickets/${id}/messages`, { body: 'Olá Maria!' }, key)
      const again = await api.ask('POST', `/tickets/${id}/messages`, {
        body: { body: 'Olá Maria!' },
        headers: key,
      })
      expect(again).toMatchObject({ status: 201, body: { id: reply.id } })
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      const other = await api.ask('POST', `/tickets/${id}/messages`, {
        body: { body: 'Outra coisa' },
        headers: key,
      })
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } })

      const messageNow = async () => (await api.messages(id)).find(message => message.id === reply.id)
      await until('delivered', async () => (await messageNow())?.ack === 'delivered')
      const { items: got } = await api.get<{ items: { messageId: string; to: string; body: string }[] }>(
        `/simulator/${sessionId}/outbound`,
      )
      expect(got).toMatchObject([{ to: '5511987654321', body: 'Olá Maria!' }])
      await api.post(`/simulator/${sessionId}/acks`, { messageId: got[0]?.messageId, ack: 'read' })
      await until('read', async () => (await messageNow())?.ack === 'read')
      // The customer sees that the agent has read.
      await until('seen on the phone', async () => (await world.phone.look(sessionId)).read.includes('first'))

      const closed = await api.post(`/tickets/${id}/close`)
      expect(await api.ticket(id)).toMatchObject({ status: 'closed', revision: closed.revision })
      const history = await api.history(id)
      expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
      expect(history.map(({ type }) => type)).toEqual([
        'ticket.opened',
        'message.received',
        'ticket.accepted',
        'ticket.seen',
        'message.queued',
        'message.sending',
        'message.sent',
        'message.delivered',
        'message.read',
        'ticket.closed',
      ])
      expect(history[0]?.actor).toMatchObject({ kind: 'contact', name: 'Maria' })
      expect(history[2]?.actor).toMatchObject({ kind: 'user', name: 'Admin' })

      type Then = { ticket: { status: string; user: object | null }; messages: { ack: string }[] }
      const at = (revision: number) => api.get<Then>(`/tickets/${id}/at/${revision}`)
      expect(await at(0)).toMatchObject({ ticket: { status: 'pending', user: null }, messages: [] })
      expect(await at(accepted.revision)).toMatchObject({
        ticket: { status: 'open', user: { name: 'Admin' } },
      })
      expect((await at(6)).messages.map(({ ack }) => ack)).toEqual(['received', 'sent'])
      expect(await at(closed.revision)).toMatchObject({
        ticket: { status: 'closed' },
        messages: [{}, { ack: 'read' }],
      })
      expect((await api.ask('GET', `/tickets/${id}/at/${closed.revision + 1}`)).status).toBe(404)
    })
  })
