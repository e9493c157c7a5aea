import { cpus } from 'node:os'
import { io } from 'socket.io-client'
import { SimulatorFault } from '../src/providers/simulator/fault.ts'
import { simulatorPhone } from '../src/providers/simulator/phone.ts'
import { systemClock } from '../src/shared/clock.ts'
import { startSimulatorProcess } from '../test/doubles/simulator-process.ts'
import { startBenchServer, startedSession, type BenchServer } from './support/server.ts'

/**
 * Inbound, as SPEC's figures name it: messages a second that are durable, projected and pushed, sustained, from many
 * contacts through the simulated network in a process of its own; then the time from a customer's send to the event in
 * a browser's socket at 20 a second. Embedded by default; `DATABASE_URL`, `REDIS_URL` and `EVENTSTORE_URL` as the
 * server reads them choose other stores. `BENCH_SECONDS` (60), `BENCH_CONTACTS` (1000), `BENCH_IN_FLIGHT` (256).
 */
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? '60')
const CONTACTS = Number(process.env['BENCH_CONTACTS'] ?? '1000')
const IN_FLIGHT = Number(process.env['BENCH_IN_FLIGHT'] ?? '256')
const PACED_PER_SECOND = 20
const PACED_SECONDS = Math.min(15, SECONDS)

const network = await startSimulatorProcess()
const server = await startBenchServer({ SIMULATOR_URL: network.url })
const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 30_000 })

const from = (contact: number): string => `55119${String(60_000_000 + contact)}`
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

type Sustained = { rate: number; cpuMs: number; loadCpuMs: number; lagMs: number; refused: number }

const projected = async (target: BenchServer, expected: number): Promise<void> => {
  for (;;) {
    const text = await (await fetch(`${target.url}/metrics`)).text()
    const lag = Number(/^fio_projection_lag_seconds\{[^}]*\} (\S+)/m.exec(text)?.[1] ?? '0')
    const counted = Number(
      /^whatsapp_messages_total\{[^}]*status="received"[^}]*\} (\S+)/m.exec(text)?.[1] ?? '0',
    )
    if (lag === 0 && counted >= expected) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const sustained = async (session: string): Promise<Sustained> => {
  let sent = 0
  let durable = 0
  let refused = 0
  const until = performance.now() + SECONDS * 1000
  const cpuBefore = server.cpuSeconds()
  const loadBefore = process.cpuUsage()
  const began = performance.now()
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const number = sent++
      try {
        await phone.inbound(session, {
          from: from(number % CONTACTS),
          name: `Contact ${number % CONTACTS}`,
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
  const seconds = (performance.now() - began) / 1000
  const ended = performance.now()
  await projected(server, durable)
  const lagMs = performance.now() - ended
  const load = process.cpuUsage(loadBefore)
  return {
    rate: durable / seconds,
    cpuMs: ((server.cpuSeconds() - cpuBefore) * 1000) / durable,
    loadCpuMs: (load.user + load.system) / 1000 / durable,
    lagMs,
    refused,
  }
}

const pacedLatencies = async (session: string): Promise<number[]> => {
  const socket = io(server.url, { transports: ['websocket'], auth: { token: server.token } })
  await new Promise<void>((resolve, reject) => {
    socket.once('ready', () => resolve())
    socket.once('connect_error', reject)
  })
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
    await new Promise(resolve => setTimeout(resolve, 1000 / PACED_PER_SECOND))
  }
  while (latencies.length < total) await new Promise(resolve => setTimeout(resolve, 20))
  socket.close()
  return latencies
}

try {
  const session = await startedSession(server)
  const result = await sustained(session)
  const latencies = await pacedLatencies(session)
  const columns = ['EVENTSTORE_URL', 'DATABASE_URL', 'REDIS_URL'].filter(name => process.env[name])
  console.log(
    `${cpus().length} cores, ${columns.join(' + ') || 'embedded'}, ${CONTACTS} contacts, ${IN_FLIGHT} in flight, ${SECONDS} s`,
  )
  console.table([
    {
      figure: 'sustained inbound, messages/s',
      value: Math.round(result.rate),
      must: 1500,
      ratio: +(result.rate / 1500).toFixed(2),
    },
    {
      figure: 'server CPU per message, ms',
      value: +result.cpuMs.toFixed(3),
      must: 1,
      ratio: +(1 / result.cpuMs).toFixed(2),
    },
    {
      figure: 'lag at the end, ms',
      value: Math.round(result.lagMs),
      must: 1000,
      ratio: +(1000 / Math.max(1, result.lagMs)).toFixed(2),
    },
    { figure: 'load generator CPU per message, ms', value: +result.loadCpuMs.toFixed(3) },
    { figure: 'not taken in time', value: result.refused },
    {
      figure: `to a socket at ${PACED_PER_SECOND}/s, p50 ms`,
      value: +quantile(latencies, 0.5).toFixed(1),
      must: 10,
      ratio: +(10 / quantile(latencies, 0.5)).toFixed(2),
    },
    {
      figure: `to a socket at ${PACED_PER_SECOND}/s, p99 ms`,
      value: +quantile(latencies, 0.99).toFixed(1),
      must: 40,
      ratio: +(40 / quantile(latencies, 0.99)).toFixed(2),
    },
    { figure: 'server memory, MiB', value: Math.round(server.rssMiB()) },
  ])
} finally {
  phone.close()
  await server.stop()
  await network.stop()
}
