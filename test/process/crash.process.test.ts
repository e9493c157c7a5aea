import { randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HistoryEntry, Message } from '../../src/realtime/protocol.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import type { Api } from '../support/api.ts'
import { logOf, startNode, type App } from '../support/app.ts'
import { cloudSession, postDelivery, texts } from '../support/cloud.ts'
import { randomFrom } from '../support/random.ts'
import { until } from '../support/until.ts'
import { columnAvailable, startWorld, type World } from '../support/world.ts'
import { agent, officialCustomer, simulatedCustomer } from './crash-load.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { repliesAtRest } from './rest.ts'
import { judge, together, wrongsOf, type Verdict } from './verdict.ts'
import { isOwnWork } from '../support/own-work.ts'

/**
 * kill -9 at random moments under load. The customers, the networks and the ledger live in this process, outside of the
 * servers that die. CRASH_DEATHS sets how often, CRASH_SEED repeats the chance of an earlier run, and CRASH_VERDICTS names
 * a folder for what the judge found (`npm run crash`).
 */
const SEED = Number(process.env['CRASH_SEED'] ?? randomInt(2 ** 31))
const DEATH_MS_MAX = 60_000
const SERVER_MS_MAX = 180_000
const VARIANTS = [
  { column: 'embedded', servers: 1, usual: 10 },
  { column: 'outside', servers: 2, usual: 4 },
] as const

const SIMULATED = ['Ana', 'Bia', 'Caio', 'Duda', 'Edu']
const OFFICIAL = ['Fabi', 'Gabi']
const QUIET = ['Hugo', 'Iara', 'Jair']
/** Out of ten deaths, those that do not wait for the server to be ready again. */
const DEATHS_AT_START = 0.2
const WORK_BETWEEN_DEATHS_MAX = 40

for (const { column, servers, usual } of VARIANTS)
  describe.skipIf(!(await columnAvailable(column)))(
    `kill -9 under load, ${column}, servers: ${servers}`,
    () => {
      const deaths = Number(process.env['CRASH_DEATHS'] ?? usual)
      // Deaths have a chance of their own: how often the load asks for some depends on the machine.
      const random = randomFrom(SEED)
      const loadRandom = randomFrom(SEED + 1)
      let world: World
      let graph: GraphServer
      const apps: App[] = []
      let simulator = ''
      let cloud = ''
      const phones = new Map<string, string>()
      const ticketIds = new Map<string, string>()
      let ledger: Ledger
      let folder = ''

      const api = (): Api => apps[0]!.api
      const someApp = (): Promise<App> =>
        until(
          'a server that lives',
          () => {
            const alive = apps.filter(app => app.alive)
            return alive[Math.floor(loadRandom() * alive.length)]
          },
          SERVER_MS_MAX,
        )
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
        if (QUIET.includes(name)) return
        ledger.handedIn(name, n)
        ledger.accepted(name, n)
      }

      beforeAll(async () => {
        console.log(`CRASH_SEED=${SEED}`)
        folder = await mkdtemp(join(tmpdir(), 'fio-ledger-'))
        ledger = openLedger(join(folder, 'ledger.jsonl'))
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
        ledger.close()
        await rm(folder, { recursive: true })
      })

      /** Kills one server at some moment and starts it again: mostly at work, now and then while it starts. */
      const die = async (): Promise<void> => {
        const app = apps[Math.floor(random() * apps.length)]!
        const before = ledger.count()
        const much = Math.floor(random() * WORK_BETWEEN_DEATHS_MAX) + 1
        await until('some work', () => ledger.count() >= before + much, SERVER_MS_MAX)
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
        `${deaths} deaths lose nothing, double nothing and touch nothing else`,
        { timeout: Math.max(10, deaths) * DEATH_MS_MAX },
        async () => {
          const before = await logOf(world, apps[0]!)
          const quiet = await Promise.all(QUIET.map(name => api().history(ticketIds.get(name)!)))
          let stopping = false
          const tools = { someApp, random: loadRandom, ledger, stopped: () => stopping }
          const customer = (name: string, sessionId: string) => ({
            sessionId,
            name,
            from: phones.get(name)!,
            first: 1,
          })
          const load = Promise.all([
            ...SIMULATED.map(name => simulatedCustomer(tools, customer(name, simulator))),
            ...OFFICIAL.map(name => officialCustomer(tools, customer(name, cloud))),
            ...SIMULATED.map(name => agent(tools, { name, ticketId: ticketIds.get(name)! })),
          ])
          const dying = (async () => {
            for (let death = 0; death < deaths; death++) await die()
          })()
          await Promise.race([dying, load.then(() => dying)]).finally(() => (stopping = true))
          await load
          await api().connected(simulator)
          const names = [...SIMULATED, ...OFFICIAL]
          await Promise.all(names.map(name => repliesAtRest(name, ticketIds.get(name)!, api(), apps)))
          await until(
            'everything that waited to be delivered',
            async () => (await world.phone.look(simulator)).waiting === 0,
          )
          const sent = await everythingSent()
          const accounts = ledger.read()
          const verdicts: Verdict[] = []
          for (const name of names) {
            const [messages, history] = await shown(name)
            verdicts.push(judge(name, accounts.get(name)!, messages, sent))
            expectOneTicket(name, messages, history)
          }
          const verdict = together(verdicts)
          await tell(verdict)
          expect(wrongsOf(verdict)).toEqual({})
          expect(await Promise.all(QUIET.map(name => api().history(ticketIds.get(name)!)))).toEqual(quiet)
          const touched = [...SIMULATED, ...OFFICIAL].map(name => ticketIds.get(name)!)
          const after = await logOf(world, apps[0]!)
          expect(after.slice(0, before.length)).toEqual(before)
          const unasked = after
            .slice(before.length)
            .filter(one => !isOwnWork(one) && !touched.some(id => one.stream.endsWith(id)))
          expect(unasked).toEqual([])
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

      /** The history tells the same: each message once, in one ticket that was opened once. */
      const expectOneTicket = (name: string, messages: Message[], history: HistoryEntry[]): void => {
        const inbound = messages.filter(({ fromMe }) => !fromMe)
        expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
        const types = history.map(({ type }) => type)
        expect([name, types.filter(type => type === 'message.received').length]).toEqual([
          name,
          inbound.length,
        ])
        expect([name, types.filter(type => type === 'ticket.opened').length]).toEqual([name, 1])
      }

      const tell = async (verdict: Verdict): Promise<void> => {
        const { handedIn, accepted, found, replies } = verdict
        console.log(
          `${column}: ${deaths} deaths, ${handedIn} handed in, ${accepted} accepted, ${found} found, ` +
            `${replies.queued} replies queued, ${replies.delivered} delivered, ${replies.owned} shown as unknown or failed`,
        )
        const into = process.env['CRASH_VERDICTS']
        if (into)
          await writeFile(
            join(into, `${column}.json`),
            JSON.stringify({ column, servers, deaths, seed: SEED, ...verdict }),
          )
      }
    },
  )
