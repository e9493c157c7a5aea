import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import type { Message } from '../../src/realtime/protocol.ts'
import { picture, type Visitor } from '../support/browser.ts'
import { cloudSession, postDelivery, texts } from '../support/cloud.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Of a careful session on its first day. */
const NEW_CHATS = 5

const journey = (column: MatrixColumn) => (): void => {
  let graph: GraphServer
  let desk: Desk
  let agent: Visitor
  let official: string

  /** A customer of the official number wrote so long ago; the ticket is the admin's. */
  const wrote = async (from: string, name: string, agoMs: number): Promise<string> => {
    const words = { id: `wamid.${name}`, body: `Olá, aqui é ${name}`, at: Date.now() - agoMs }
    const delivery = texts(from, name, [words])
    expect((await postDelivery(desk.app.url, official, delivery)).status).toBe(200)
    const { id } = await until(name, async () => (await desk.app.api.ticketsOf(official, name))[0])
    await desk.app.api.post(`/tickets/${id}/accept`)
    return id
  }

  beforeAll(async () => {
    graph = await startGraphServer()
    desk = await openDesk(column, { GRAPH_URL: graph.url })
    official = await desk.app.api.openSession(cloudSession(graph))
    agent = await desk.seat(desk.admin)
  })
  afterAll(async () => {
    await desk?.close()
    await graph?.close()
  })

  test('in the last hour of the window it is said how long it is still, and then that it is over', async () => {
    const { at, page } = agent
    const lina = await wrote('5511977770002', 'Lina', 24 * HOUR_MS - 25 * MINUTE_MS)
    await page.clock.install()
    await page.goto(`/tickets/${lina}`)
    await at('window-closing')
      .getByText(/You have 2[345] more minutes to answer freely/)
      .waitFor()
    await at('composer-input').waitFor()
    await picture(agent, `window-closing-${column}`)
    await page.clock.fastForward(26 * MINUTE_MS)
    await at('window-closed').getByText('The 24 hours for free answers are over').waitFor()
    expect(await at('composer-input').count()).toBe(0)
    await at('template-open').waitFor()
    await picture(agent, `window-closed-${column}`)
    await page.clock.resume()
  })

  test('a window that closed before is closed, until the customer writes', async () => {
    const { at, page } = agent
    const olga = await wrote('5511977770003', 'Olga', 30 * HOUR_MS)
    await page.goto(`/tickets/${olga}`)
    await at('window-closed').waitFor()
    expect(await at('composer-input').count()).toBe(0)
    await postDelivery(
      desk.app.url,
      official,
      texts('5511977770003', 'Olga', [{ id: 'wamid.again', body: 'Oi?' }]),
    )
    await at('composer-input').waitFor()
    expect(await at('window-closed').count()).toBe(0)
  })

  test('a message that the pacing of its channel holds back says why and until when', async () => {
    const { at, page } = agent
    const { api } = desk.app
    const sessionId = await api.openSession({
      name: 'Careful',
      provider: 'simulator',
      queueIds: [],
      settings: { pacing: 'careful' },
    })
    const tickets: string[] = []
    for (let n = 0; n <= NEW_CHATS; n++) {
      const { id: contactId } = await api.post('/contacts', { name: `New ${n}`, phone: `+551190000070${n}` })
      const { id } = await api.post('/tickets', { contactId, sessionId, body: 'Olá!' })
      tickets.push(id)
    }
    const held = await until('one chat too many', async () => {
      for (const id of tickets) {
        const [message] = (await api.messages(id)) as Pick<Message, 'waiting'>[]
        if (message?.waiting?.by === 'new-chats') return id
      }
      return undefined
    })
    await page.goto(`/tickets/${held}`)
    await at('message-waiting', '[data-by="new-chats"]')
      .getByText(/The channel began enough new chats: leaves (on|at) /)
      .waitFor()
    await picture(agent, `message-waiting-${column}`)
    expect(agent.problems).toEqual([])
  })
}

await journeysIn('what waits and what may not be sent', ['embedded'], journey)
