import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HistoryEntry, Message } from '../../src/realtime/protocol.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph-server.ts'
import type { Api } from '../support/api.ts'
import { logOf, startNode, type App } from '../support/app.ts'
import { cloudSession, postDelivery, texts } from '../support/cloud.ts'
import { randomFrom } from '../support/random.ts'
import { until } from '../support/until.ts'
import { columnAvailable, startWorld, type World } from '../support/world.ts'
import { agent, emptyLedger, officialCustomer, simulatedCustomer, type Ledger } from './crash-load.ts'

/**
 * kill -9 at random moments under load. The customers, the networks and the ledger live in this process, outside of the
 * servers that die. CRASH_ROUNDS sets how often, CRASH_SEED repeats the chance of an earlier run.
 */
const SEED = Number(process.env['CRASH_SEED'] ?? randomInt(2 ** 31))
const ROUNDS_MS_MAX = 600_000
const VARIANTS = [
  { column: 'embedded', servers: 1, rounds: 20 },
  { column: 'outside', servers: 2, rounds: 5 },
] as const

const SIMULATED = ['Ana', 'Bia', 'Caio', 'Duda', 'Edu']
const OFFICIAL = ['Fabi', 'Gabi']
const QUIET = ['Hugo', 'Iara', 'Jair']
/** Out of ten deaths, those that do not wait for the server to be ready again. */
const DEATHS_AT_START = 0.2
const WORK_BETWEEN_DEATHS_MAX = 40

for (const { column, servers, rounds: usual } of VARIANTS)
  describe.skipIf(!(await columnAvailable(column)))(
    `kill -9 under load, ${column}, servers: ${servers}`,
    () => {
      const rounds = Number(process.env['CRASH_ROUNDS'] ?? usual)
      const random = randomFrom(SEED)
      let world: World
      let graph: GraphServer
      const apps: App[] = []
      let simulator = ''
      let cloud = ''
      const phones = new Map<string, string>()
      const ticketIds = new Map<string, string>()
      const ledgers = new Map([...SIMULATED, ...OFFICIAL].map(name => [name, emptyLedger()]))
      const replies = new Map([...SIMULATED].map(name => [name, [] as { n: number; id: string }[]]))

      const api = (): Api => apps[0]!.api
      const someApp = (): Promise<App> =>
        until('a server that lives', () => {
          const alive = apps.filter(app => app.alive)
          return alive[Math.floor(random() * alive.length)]
        })
      const write = async (name: string, n: number): Promise<void> => {
        const from = phones.get(name)!
        if (OFFICIAL.includes(name)) {
          const delivery = texts(from, name, [{ id: `wamid.${name}-${n}`, body: `${name} ${n}` }])
          expect((await postDelivery(apps[0]!.url, cloud, delivery)).status).toBe(200)
        } else
          await api().post(`/simulator/${simulator}/inbound`, {
            from,
            name,
            text: `${name} ${n}`,
            id: `${name}-${n}`,
          })
        const ledger = ledgers.get(name)
        ledger?.handedIn.push(n)
        ledger?.accepted.add(n)
      }

      beforeAll(async () => {
        console.log(`CRASH_SEED=${SEED}`)
        graph = await startGraphServer()
        world = await startWorld(column, { GRAPH_URL: graph.url })
        for (let node = 0; node < servers; node++) apps.push(await startNode(world, node))
        simulator = await api().openSession({ name: 'Loja', provider: 'simulator' })
        cloud = await api().openSession(cloudSession(graph))
        for (const [index, name] of [...SIMULATED, ...OFFICIAL, ...QUIET].entries()) {
          phones.set(name, `55119222200${String(index).padStart(2, '0')}`)
          await write(name, 0)
          const sessionId = OFFICIAL.includes(name) ? cloud : simulator
          const ticket = await until(
            `a ticket of ${name}`,
            async () => (await api().ticketsOf(sessionId, name))[0],
          )
          ticketIds.set(name, ticket.id)
          if (SIMULATED.includes(name) || name === 'Iara' || name === 'Jair')
            await api().post(`/tickets/${ticket.id}/accept`)
        }
        await api().post(`/tickets/${ticketIds.get('Iara')}/messages`, { body: 'até logo' })
        await until(
          'delivered',
          async () => (await api().messages(ticketIds.get('Iara')!))[1]?.ack === 'delivered',
        )
        await api().post(`/tickets/${ticketIds.get('Jair')}/close`)
      })
      afterAll(async () => {
        await Promise.all(apps.map(app => app.kill()))
        await world.close()
        await graph.close()
      })

      const workDone = (): number =>
        [...ledgers.values()].reduce((sum, { accepted }) => sum + accepted.size, 0)

      /** Kills one server at some moment and starts it again: mostly at work, now and then while it starts. */
      const die = async (): Promise<void> => {
        const app = apps[Math.floor(random() * apps.length)]!
        const before = workDone()
        const much = Math.floor(random() * WORK_BETWEEN_DEATHS_MAX) + 1
        await until('some work', () => workDone() >= before + much)
        await app.kill('SIGKILL')
        if (random() < DEATHS_AT_START) {
          const starting = app.start().catch(() => 'died')
          const pause = random() * 2_000
          await Promise.race([starting, new Promise(resolve => setTimeout(resolve, pause))])
          await app.kill('SIGKILL')
          await starting
        }
        await app.start()
      }

      test(
        `${rounds} deaths lose nothing, double nothing and touch nothing else`,
        { timeout: ROUNDS_MS_MAX },
        async () => {
          const before = await logOf(world, apps[0]!)
          const quiet = await Promise.all(QUIET.map(name => api().history(ticketIds.get(name)!)))
          let stopping = false
          const tools = { someApp, random, stopped: () => stopping }
          const customer = (name: string, sessionId: string) => ({
            sessionId,
            name,
            from: phones.get(name)!,
            first: 1,
          })
          const load = Promise.all([
            ...SIMULATED.map(name => simulatedCustomer(tools, customer(name, simulator), ledgers.get(name)!)),
            ...OFFICIAL.map(name => officialCustomer(tools, customer(name, cloud), ledgers.get(name)!)),
            ...SIMULATED.map(name =>
              agent(tools, { name, ticketId: ticketIds.get(name)! }, replies.get(name)!),
            ),
          ])
          const deaths = (async () => {
            for (let round = 0; round < rounds; round++) await die()
          })()
          await Promise.race([deaths, load.then(() => deaths)])
          stopping = true
          await load
          await api().connected(simulator)
          const names = [...SIMULATED, ...OFFICIAL]
          await Promise.all(names.map(atRest))
          await until(
            'everything that waited to be delivered',
            async () => (await world.phone.look(simulator)).waiting === 0,
          )
          const sent = await everythingSent()
          for (const name of names) {
            const [messages, history] = await shown(name)
            expectInbound(name, ledgers.get(name)!, messages, history)
            if (SIMULATED.includes(name)) expectReplies(name, messages, sent)
          }
          expect(await Promise.all(QUIET.map(name => api().history(ticketIds.get(name)!)))).toEqual(quiet)
          const touched = [...SIMULATED, ...OFFICIAL].map(name => ticketIds.get(name)!)
          const after = await logOf(world, apps[0]!)
          expect(after.slice(0, before.length)).toEqual(before)
          const unasked = after
            .slice(before.length)
            .filter(
              ({ stream }) => !stream.startsWith('session-') && !touched.some(id => stream.endsWith(id)),
            )
          expect(unasked).toEqual([])
          console.log(summary())
        },
      )

      const everythingSent = async (): Promise<string[]> => {
        const bodies: string[] = []
        for (let after: string | null = null; ;) {
          const page: Awaited<ReturnType<typeof world.phone.outbound>> = await world.phone.outbound(
            simulator,
            after,
          )
          if (page.items.length === 0) return bodies
          bodies.push(...page.items.map(({ body }) => body))
          after = page.nextCursor
        }
      }

      /** No reply of the ticket waits or is on its way any more. */
      const atRest = (name: string): Promise<true> =>
        until(`the replies to ${name} to come to rest`, async () =>
          (await api().messages(ticketIds.get(name)!)).every(
            ({ ack }) => ack !== 'queued' && ack !== 'sending',
          ),
        )

      /** The ticket's messages, as soon as they show all of its history. */
      const shown = async (name: string): Promise<[Message[], HistoryEntry[]]> => {
        const id = ticketIds.get(name)!
        const history = await api().history(id)
        await until(
          `${name} to be shown`,
          async () => (await api().ticket(id)).revision >= history.length - 1,
        )
        return [await api().messages(id), history]
      }

      const expectInbound = (
        name: string,
        ledger: Ledger,
        messages: Message[],
        history: HistoryEntry[],
      ): void => {
        const numbers = messages.filter(({ fromMe }) => !fromMe).map(({ body }) => Number(body.split(' ')[1]))
        const rising = [...numbers].sort((a, b) => a - b)
        expect([name, numbers]).toEqual([name, rising])
        expect([name, new Set(numbers).size]).toEqual([name, numbers.length])
        expect([name, [...ledger.accepted].filter(n => !numbers.includes(n))]).toEqual([name, []])
        expect([name, numbers.filter(n => !ledger.handedIn.includes(n))]).toEqual([name, []])
        expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
        expect(history.filter(({ type }) => type === 'message.received')).toHaveLength(numbers.length)
        expect(history.filter(({ type }) => type === 'ticket.opened')).toHaveLength(1)
      }

      const expectReplies = (name: string, messages: Message[], sent: readonly string[]): void => {
        const ours = messages.filter(({ fromMe }) => fromMe)
        expect(ours.map(({ id, body }) => [id, body])).toEqual(
          replies.get(name)!.map(({ n, id }) => [id, `to ${name} ${n}`]),
        )
        const got = sent
          .filter(body => body.startsWith(`to ${name} `))
          .map(body => Number(body.split(' ')[2]))
        // At most once, and in order.
        expect([name, got]).toEqual([name, [...new Set(got)].sort((a, b) => a - b)])
        // The network tells of each that it delivered: what it has is known to be there, and what it has not is unknown.
        for (const { body, ack, error } of ours)
          expect([body, ack, error?.reason]).toEqual(
            got.includes(Number(body.split(' ')[2]))
              ? [body, 'delivered', undefined]
              : [body, 'unknown', 'interrupted'],
          )
      }

      const summary = (): string => {
        const handedIn = [...ledgers.values()].reduce((sum, ledger) => sum + ledger.handedIn.length, 0)
        const queued = [...replies.values()].reduce((sum, list) => sum + list.length, 0)
        return `${rounds} deaths, ${handedIn} messages handed in, ${workDone()} accepted, ${queued} replies`
      }
    },
  )
