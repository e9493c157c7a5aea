import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAIL_POINTS, type FailPoint } from '../../src/shared/fail-point.ts'
import type { HistoryEntry, Message, Ticket } from '../../src/realtime/protocol.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { startNode, type App } from '../support/app.ts'
import { cloudSession } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import { columnAvailable, startWorld, type MatrixColumn, type World } from '../support/world.ts'
import { buryLeases, dieAt } from './deaths.ts'
import {
  customers,
  deliveries,
  emptyLedger,
  everythingSent,
  isAboutPeople,
  isResting,
  type Ledger,
  type Story,
  type Tools,
} from './fail-point-load.ts'

/**
 * Every fail point, one after the other: the server is started so that it dies there, under a load that never stops; the
 * next start, which is to die at the next point, has to recover from it first. A point that is not reached fails the
 * test. In the end a server that may live shows what came of it all, and it is held against what the outside knows.
 */
/** Those of merging and erasing people have a load of their own. */
const POINTS = (Object.keys(FAIL_POINTS) as FailPoint[]).filter(point => !isAboutPeople(point))
const CHAIN_MS_MAX = 900_000
const CUSTOMERS = 2

/** Passed so often that the first time would always be at the start, before there is any work. */
const NTH: Partial<Record<FailPoint, number>> = {
  'intake.received': 3,
  'intake.status-recorded': 2,
  'link.before-ack': 2,
  'link.acknowledged': 3,
  'log.appended': 12,
  'projection.before-commit': 8,
  'projection.committed': 8,
  'projection.before-push': 8,
  'projection.pushed': 8,
  'reaction.done': 4,
  'reaction.before-checkpoint': 3,
  'reaction.checkpointed': 3,
  'vault.before-write': 6,
  'vault.written': 6,
}
/** The message with which the process dies here is on no network: nobody can ever say what became of it. */
const LEAVES_UNKNOWN: readonly FailPoint[] = ['send.sending', 'send.before-wire']

/** Where the other column has other parts. Whoever died keeps its lease there for a while, so they are few. */
const OUTSIDE: readonly FailPoint[] = [
  'send.rung',
  'send.before-wire',
  'send.after-wire',
  'send.outcome-recorded',
  'projection.committed',
  'vault.written',
  'session.owned',
]

const CHAINS: readonly { column: MatrixColumn; name: string; points: readonly FailPoint[] }[] = [
  { column: 'embedded', name: 'first half', points: POINTS.filter((_, index) => index % 2 === 0) },
  { column: 'embedded', name: 'second half', points: POINTS.filter((_, index) => index % 2 === 1) },
  { column: 'outside', name: 'where it has other parts', points: OUTSIDE },
]

for (const { column, name, points } of CHAINS)
  // Side by side: a server spends most of its short life starting.
  ((await columnAvailable(column)) ? describe.concurrent : describe.skip)(
    `dying at every fail point, ${column}, ${name}`,
    () => {
      const environment: Record<string, string> = {}
      const ledger: Ledger = emptyLedger()
      let world: World
      let graph: GraphServer
      let app: App
      let simulator = ''
      let cloud = ''
      let epoch = ''

      beforeAll(async () => {
        graph = await startGraphServer()
        world = await startWorld(column, { GRAPH_URL: graph.url })
        app = await startNode(world, 0, environment)
        simulator = await app.api.openSession({ name: 'Loja', provider: 'simulator' })
        cloud = await app.api.openSession(cloudSession(graph))
        const { position } = await app.api.post('/queues', { name: 'Vendas', color: '#00aa55' })
        epoch = String(position).slice(0, 8)
        await app.kill('SIGKILL')
      })
      afterAll(async () => {
        await app?.kill('SIGKILL')
        await world?.close()
        await graph?.close()
      })

      test(`${points.length} deaths lose nothing and double nothing`, { timeout: CHAIN_MS_MAX }, async () => {
        let stopping = false
        const tools: Tools = { world, app, simulator, cloud, stopped: () => stopping }
        const load = Promise.all([
          ...Array.from({ length: CUSTOMERS }, (_, lane) => customers(tools, lane, ledger)),
          deliveries(tools, ledger),
        ])
        const deaths = (async () => {
          for (const point of points) {
            if (column === 'outside') await buryLeases(epoch)
            await dieAt(app, environment, point, NTH[point] ?? 1)
          }
          delete environment['FAIL_POINT']
          if (column === 'outside') await buryLeases(epoch)
          await app.start()
        })()
        await Promise.race([deaths, load.then(() => deaths)])
        stopping = true
        await load
        await app.api.connected(simulator)
        await until(
          'everything that waited to be delivered',
          async () => (await world.phone.look(simulator)).waiting === 0,
        )
        expect(ledger.stories.length).toBeGreaterThan(0)
        await Promise.all(ledger.stories.map(atRest))
        const sent = await everythingSent(world, simulator)
        let unknown = 0
        for (const story of ledger.stories) unknown += await judge(story, sent)
        expect(unknown).toBeGreaterThanOrEqual(points.filter(point => LEAVES_UNKNOWN.includes(point)).length)
        await judgeDeliveries()
        console.log(
          `${column}, ${name}: ${points.length} deaths, ${ledger.stories.length} stories, ${sent.length} sent, ` +
            `${unknown} unknown, ${ledger.delivered.length} delivered by webhook, ${ledger.buried} for nobody`,
        )
      })

      const atRest = ({ name: who, ticketId }: Story): Promise<unknown> =>
        until(`${who} to come to rest`, async () => {
          const ticket = await app.api.get<Ticket>(`/tickets/${ticketId}`)
          return ticket.status !== 'snoozed' && (await app.api.messages(ticketId)).every(isResting)
        })

      /** Answers how many of the agent's messages have an unknown outcome. */
      const judge = async (story: Story, sent: readonly string[]): Promise<number> => {
        const { name: who, ticketId, ends } = story
        const [messages, history, ticket] = await Promise.all([
          app.api.messages(ticketId),
          app.api.history(ticketId),
          app.api.get<Ticket>(`/tickets/${ticketId}`),
        ])
        const inbound = messages.filter(({ fromMe }) => !fromMe).map(({ body }) => body)
        expect(inbound).toEqual([`${who} 1`, `${who} 2`])
        expect([who, ticket.status === 'closed']).toEqual([who, ends === 'closed'])
        judgeHistory(who, history)
        return judgeReplies(story, messages, sent)
      }

      const judgeHistory = (who: string, history: readonly HistoryEntry[]): void => {
        const count = (type: string) => history.filter(entry => entry.type === type).length
        const snoozes = count('ticket.snoozed')
        expect([who, history.map(({ revision }) => revision)]).toEqual([
          who,
          history.map((_, index) => index),
        ])
        expect([who, count('ticket.opened'), count('ticket.accepted')]).toEqual([who, 1, 1])
        expect([who, count('ticket.woken'), count('ticket.closed') + snoozes <= 1]).toEqual([
          who,
          snoozes,
          true,
        ])
      }

      const judgeReplies = (
        { name: who, replies }: Story,
        messages: readonly Message[],
        sent: readonly string[],
      ): number => {
        const ours = messages.filter(({ fromMe }) => fromMe)
        expect(ours.map(({ id, body }) => [id, body])).toEqual(
          replies.map((id, index) => [id, `to ${who} ${index + 1}`]),
        )
        const got = sent.filter(body => body.startsWith(`to ${who} `))
        // At most once, and in order.
        expect([who, got]).toEqual([who, [...new Set(got)].sort()])
        // What the network has is known to be there, by its own word; of what it has not, nobody can know.
        for (const { body, ack } of ours)
          expect([body, ack]).toEqual([body, got.includes(body) ? 'delivered' : 'unknown'])
        return ours.length - got.length
      }

      const judgeDeliveries = async (): Promise<void> => {
        const bodies: string[] = []
        for (const ticket of await app.api.tickets(`?sessionId=${cloud}`))
          bodies.push(...(await app.api.messages(ticket.id)).map(({ body }) => body))
        expect(bodies.sort()).toEqual(ledger.delivered.map(who => `${who} 1`).sort())
        expect(await countLetters()).toBe(ledger.buried)
      }

      const countLetters = async (): Promise<number> => {
        let count = 0
        for (let cursor: string | null = null; ;) {
          const query = new URLSearchParams({
            limit: '100',
            status: 'waiting',
            ...(cursor ? { cursor } : {}),
          })
          const page: { items: unknown[]; nextCursor: string | null } = await app.api.get(
            `/dead-letters?${query.toString()}`,
          )
          count += page.items.length
          if (page.nextCursor === null) return count
          cursor = page.nextCursor
        }
      }
    },
  )
