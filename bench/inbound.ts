import { setTimeout as pause } from 'node:timers/promises'
import { SimulatorFault } from '../src/providers/simulator/fault.ts'
import { simulatorPhone, type SimulatorPhone } from '../src/providers/simulator/phone.ts'
import { systemClock } from '../src/shared/clock.ts'
import { startSimulatorProcess } from '../test/doubles/simulator-process.ts'
import { chosenColumns, openGround, type Column } from './support/ground.ts'
import { quantile, report, type Figure } from './support/results.ts'
import { cpuSecondsOf, metric, startBenchServer, startedSession, type BenchServer } from './support/server.ts'
import { agentSocket } from './support/sockets.ts'

/**
 * Inbound, as the figures name it: messages a second that are durable, projected and pushed to an agent's socket,
 * sustained, through the simulated network in a process of its own; over 10,000, 100 and 1 conversations. Then the time
 * from a customer's send to the event in the socket, at 20 a second. `BENCH_COLUMNS` (embedded,postgres),
 * `BENCH_SECONDS` (60, of the 10,000; a quarter of it for the others), `BENCH_IN_FLIGHT` (256).
 */
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? '60')
const CONVERSATIONS = (process.env['BENCH_CONVERSATIONS'] ?? '10000,100,1').split(',').map(Number)
const IN_FLIGHT = Number(process.env['BENCH_IN_FLIGHT'] ?? '256')
const PACED_PER_SECOND = 20
const PACED_SECONDS = Math.min(15, SECONDS)
const LAG_MS_MAX = 120_000

const MUST: Record<Column, number | undefined> = { embedded: 1_500, postgres: 1_000, outside: undefined }

type Stage = {
  readonly server: BenchServer
  readonly phone: SimulatorPhone
  readonly session: string
  readonly networkPid: number
  /** Messages that the agent's socket was told of. */
  readonly told: () => number
}

const from = (contact: number): string => `55119${String(60_000_000 + contact)}`

/** Until every message was told to the socket; answers how long that took. */
const shown = async (stage: Stage, expected: number): Promise<number> => {
  const began = performance.now()
  while (stage.told() < expected) {
    if (performance.now() - began > LAG_MS_MAX)
      throw new Error(`${expected - stage.told()} never reached the socket`)
    await pause(2)
  }
  return performance.now() - began
}

/** Sends until `until` says stop; answers how many were durable and how many were not taken in time. */
const send = async (
  { phone, session }: Stage,
  conversations: number,
  more: (sent: number) => boolean,
): Promise<{ durable: number; refused: number }> => {
  let sent = 0
  let durable = 0
  let refused = 0
  const worker = async (): Promise<void> => {
    while (more(sent)) {
      const number = sent++
      const contact = number % conversations
      try {
        await phone.inbound(session, {
          from: from(contact),
          name: `Contact ${contact}`,
          text: `message ${number}`,
        })
        durable++
      } catch (error) {
        if (!(error instanceof SimulatorFault)) throw error
        refused++
      }
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  return { durable, refused }
}

const measured = async (stage: Stage, work: () => Promise<{ durable: number; refused: number }>) => {
  const { server, networkPid } = stage
  const toldBefore = stage.told()
  const cpuBefore = server.cpuSeconds()
  const networkBefore = cpuSecondsOf(networkPid)
  const loadBefore = process.cpuUsage()
  const statementsBefore = await metric(server, 'fio_database_statements_total')
  const began = performance.now()
  const { durable, refused } = await work()
  const seconds = (performance.now() - began) / 1000
  const lagMs = await shown(stage, toldBefore + durable)
  const load = process.cpuUsage(loadBefore)
  const statements = (await metric(server, 'fio_database_statements_total')) - statementsBefore
  return {
    rate: durable / seconds,
    lagMs,
    refused,
    serverMs: ((server.cpuSeconds() - cpuBefore) * 1000) / durable,
    loadMs: ((load.user + load.system) / 1000 + (cpuSecondsOf(networkPid) - networkBefore) * 1000) / durable,
    statements: statements > 0 ? statements / durable : null,
  }
}

const sustained = async (stage: Stage, conversations: number, column: Column): Promise<Figure[]> => {
  const many = conversations === Math.max(...CONVERSATIONS)
  const seconds = many ? SECONDS : Math.max(5, SECONDS / 4)
  const opening = await measured(stage, () => send(stage, conversations, sent => sent < conversations))
  const until = performance.now() + seconds * 1000
  const result = await measured(stage, () => send(stage, conversations, () => performance.now() < until))
  const of = conversations === 1 ? '1 conversation' : `${conversations.toLocaleString('en')} conversations`
  const must = many ? MUST[column] : undefined
  return [
    ...(many
      ? [
          {
            figure: `conversations opened, ${of}`,
            value: opening.rate,
            unit: '/s',
            better: 'higher' as const,
            note: 'first message of a person never seen: contact, conversation, ticket and message',
          },
        ]
      : []),
    {
      figure: `sustained inbound, ${of}`,
      value: result.rate,
      unit: 'messages/s',
      better: 'higher',
      note: `${seconds} s, durable, projected and told to a socket; ${result.refused} not taken in time`,
      ...(must ? { must, aim: 5_000 } : {}),
    },
    {
      figure: `lag at the end, ${of}`,
      value: result.lagMs,
      unit: 'ms',
      better: 'lower',
      ...(many ? { must: 1_000 } : {}),
    },
    {
      figure: `server CPU per message, ${of}`,
      value: result.serverMs,
      unit: 'ms',
      better: 'lower',
      note: column === 'embedded' ? 'databases included' : 'without the processes of the databases',
      ...(many ? { must: 1, aim: 0.3 } : {}),
    },
    {
      figure: `load generator CPU per message, ${of}`,
      value: result.loadMs,
      unit: 'ms',
      better: 'lower',
      note: 'phones and network; on the same cores',
    },
    ...(result.statements === null
      ? []
      : [
          {
            figure: `SQL statements per message, ${of}`,
            value: result.statements,
            unit: '',
            better: 'lower' as const,
            ...(many ? { must: 2, aim: 0.2 } : {}),
          },
        ]),
  ]
}

const latency = async ({ server, phone, session }: Stage): Promise<Figure[]> => {
  const socket = await agentSocket(server)
  const sentAt = new Map<string, number>()
  const latencies: number[] = []
  socket.on('appMessage', ({ message }: { message: { body: string } }) => {
    const at = sentAt.get(message.body)
    if (at !== undefined) latencies.push(performance.now() - at)
  })
  const total = PACED_PER_SECOND * PACED_SECONDS
  for (let number = 0; number < total; number++) {
    const body = `paced ${number}`
    sentAt.set(body, performance.now())
    void phone.inbound(session, { from: from(number % 50), text: body })
    await pause(1000 / PACED_PER_SECOND)
  }
  while (latencies.length < total) await pause(20)
  socket.close()
  const unit = 'ms'
  const better = 'lower'
  return [
    {
      figure: `customer to socket at ${PACED_PER_SECOND}/s, p50`,
      value: quantile(latencies, 0.5),
      unit,
      better,
      must: 10,
      aim: 4,
    },
    {
      figure: `customer to socket at ${PACED_PER_SECOND}/s, p99`,
      value: quantile(latencies, 0.99),
      unit,
      better,
      must: 40,
      aim: 15,
    },
  ]
}

for (const column of chosenColumns(['embedded', 'postgres'])) {
  const ground = await openGround(column)
  const network = await startSimulatorProcess()
  const server = await startBenchServer({ ...ground.env, SIMULATOR_URL: network.url })
  const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 30_000 })
  try {
    const session = await startedSession(server)
    const socket = await agentSocket(server)
    let told = 0
    socket.on('appMessage', ({ action }: { action: string }) => (told += action === 'create' ? 1 : 0))
    const stage: Stage = { server, phone, session, networkPid: network.pid, told: () => told }
    const figures: Figure[] = []
    for (const conversations of CONVERSATIONS)
      figures.push(...(await sustained(stage, conversations, column)))
    socket.close()
    figures.push(...(await latency(stage)))
    figures.push({ figure: 'server memory at the end', value: server.rssMiB(), unit: 'MiB', better: 'lower' })
    report('inbound', { column, seconds: SECONDS, 'in flight': IN_FLIGHT }, figures)
  } finally {
    phone.close()
    await server.stop()
    await network.stop()
    await ground.close()
  }
}
