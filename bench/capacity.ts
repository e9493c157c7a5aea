import { setTimeout as pause } from 'node:timers/promises'
import { simulatorPhone } from '../src/providers/simulator/phone.ts'
import { systemClock } from '../src/shared/clock.ts'
import { startSimulatorProcess } from '../test/doubles/simulator-process.ts'
import { chosenColumns, openGround } from './support/ground.ts'
import { lightSockets } from './support/light-sockets.ts'
import { quantile, report, type Figure } from './support/results.ts'
import { startBenchServer, type BenchServer } from './support/server.ts'

/**
 * How many agents one server carries: 100, 500, 1,000 and 5,000 of them connected, each with customers that write every
 * `SECONDS_PER_CUSTOMER` seconds, in ten queues with a session each. An agent is told of their own tickets and of what
 * waits in their queue. CPU of the server, its memory, the time from a customer to the agent's socket, and that of a
 * ticket list asked for meanwhile. `BENCH_AGENTS` (100,500,1000,5000), `BENCH_SECONDS` (20, each).
 */
const AGENTS = (process.env['BENCH_AGENTS'] ?? '100,500,1000,5000').split(',').map(Number)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? '20')
const QUEUES = 10
/** People with a login; each has several windows open where there are more agents than that. */
const USERS = 100
const SECONDS_PER_CUSTOMER = 25
const LISTS_PER_SECOND = 10

type Desk = { readonly sessions: readonly string[]; readonly tokens: readonly string[] }

const furnish = async (server: BenchServer): Promise<Desk> => {
  const sessions: string[] = []
  const queues: string[] = []
  for (let i = 0; i < QUEUES; i++) {
    const queue = await server.call<{ id: string }>('POST', '/queues', {
      name: `Queue ${i}`,
      color: '#3366cc',
    })
    queues.push(queue.id)
    const { id } = await server.call<{ id: string }>('POST', '/sessions', {
      name: `Number ${i}`,
      provider: 'simulator',
      queueIds: [queue.id],
    })
    await server.call('POST', `/sessions/${id}/start`, {})
    sessions.push(id)
  }
  const tokens: string[] = []
  for (let i = 0; i < USERS; i++) {
    const credentials = { email: `agent${i}@bench.example`, password: `a long password ${i}` }
    await server.call('POST', '/users', {
      ...credentials,
      name: `Agent ${i}`,
      role: 'agent',
      queueIds: [queues[i % QUEUES]],
    })
    tokens.push(await server.login(credentials.email, credentials.password))
  }
  return { sessions, tokens }
}

for (const column of chosenColumns(['embedded'])) {
  const ground = await openGround(column)
  const network = await startSimulatorProcess()
  const server = await startBenchServer({ ...ground.env, SIMULATOR_URL: network.url })
  const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 30_000 })
  const figures: Figure[] = []
  const say = (figure: string, value: number, unit: string, note?: string): void =>
    void figures.push({ figure, value, unit, better: 'lower', ...(note ? { note } : {}) })
  try {
    const desk = await furnish(server)
    // One live ticket for each person with a login, accepted by them: that person alone is told what its customer says.
    for (let i = 0; i < USERS; i++) {
      await phone.inbound(desk.sessions[i % QUEUES]!, { from: `55119${70_000_000 + i}`, text: 'Bom dia' })
      const ask = async () =>
        (
          await server.call<{ items: { id: string }[] }>(
            'GET',
            '/tickets?status=pending',
            undefined,
            desk.tokens[i],
          )
        ).items[0]
      let ticket = await ask()
      while (!ticket) {
        await pause(20)
        ticket = await ask()
      }
      await server.call('POST', `/tickets/${ticket.id}/accept`, {}, desk.tokens[i])
    }
    for (const agents of AGENTS) {
      const sockets = await lightSockets(
        server.url,
        Array.from({ length: agents }, (_, i) => desk.tokens[i % USERS]!),
      )
      const sentAt = new Map<string, number>()
      const firstMs: number[] = []
      let deliveries = 0
      sockets.onEvent((name, frame) => {
        deliveries++
        const body = name === 'appMessage' ? /load \d+-\d+ end/.exec(frame)?.[0] : undefined
        const at = body && sentAt.get(body)
        if (!body || !at) return
        sentAt.delete(body)
        firstMs.push(performance.now() - at)
      })
      await pause(2_000)
      const perSecond = agents / SECONDS_PER_CUSTOMER
      const cpuBefore = server.cpuSeconds()
      const loadBefore = process.cpuUsage()
      const lists: number[] = []
      const began = performance.now()
      let sent = 0
      let asked = 0
      while (performance.now() - began < SECONDS * 1_000) {
        const due = ((performance.now() - began) / 1_000) * perSecond
        for (; sent < due; sent++) {
          const body = `load ${agents}-${sent} end`
          sentAt.set(body, performance.now())
          const i = sent % USERS
          void phone.inbound(desk.sessions[i % QUEUES]!, { from: `55119${70_000_000 + i}`, text: body })
        }
        if (asked < ((performance.now() - began) / 1_000) * LISTS_PER_SECOND) {
          const token = desk.tokens[asked++ % USERS]
          const at = performance.now()
          void server
            .call('GET', '/tickets?status=open&limit=40', undefined, token)
            .then(() => lists.push(performance.now() - at))
        }
        await pause(5)
      }
      while (sentAt.size > 0 || lists.length < asked) await pause(10)
      const seconds = (performance.now() - began) / 1_000
      const load = process.cpuUsage(loadBefore)
      const name = `${agents.toLocaleString('en')} agents`
      say(
        `${name}: server CPU`,
        ((server.cpuSeconds() - cpuBefore) / seconds) * 100,
        '% of a core',
        `${perSecond.toFixed(0)} messages/s in, ${(deliveries / seconds).toFixed(0)} events/s out, ${LISTS_PER_SECOND} lists/s; load generator ${(((load.user + load.system) / 1e6 / seconds) * 100).toFixed(0)} %`,
      )
      say(`${name}: server memory`, server.rssMiB(), 'MiB')
      say(`${name}: customer to agent, p50`, quantile(firstMs, 0.5), 'ms')
      say(`${name}: customer to agent, p99`, quantile(firstMs, 0.99), 'ms')
      say(`${name}: ticket list, p50`, quantile(lists, 0.5), 'ms')
      say(`${name}: ticket list, p99`, quantile(lists, 0.99), 'ms')
      sockets.close()
      await pause(1_000)
    }
    report('capacity', { column, seconds: SECONDS }, figures)
  } finally {
    phone.close()
    await server.stop()
    await network.stop()
    await ground.close()
  }
}
