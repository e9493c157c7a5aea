import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { simulatorPhone } from '../src/providers/simulator/phone.ts'
import { systemClock } from '../src/shared/clock.ts'
import { startSimulatorProcess } from '../test/doubles/simulator-process.ts'
import { lightSockets } from './support/light-sockets.ts'
import { quantile, report, type Figure } from './support/results.ts'
import { cpuSecondsOf, startBenchServer, startedSession } from './support/server.ts'

/**
 * One message told to 200 and to 1,000 sockets, against a bare Socket.IO server that tells as many the same event: CPU
 * of the telling process per delivery, and the time until the last socket has it. `BENCH_MESSAGES` (200), at 10 a
 * second.
 */
const MESSAGES = Number(process.env['BENCH_MESSAGES'] ?? '200')
const PER_SECOND = 10
const SOCKETS = [200, 1_000]

type Told = { readonly cpuMs: number; readonly lastMs: readonly number[]; readonly sample: string }

/** Tells `MESSAGES` messages one by one and waits until every socket heard each. */
const tell = async (
  target: { url: string; pid: number; tokens: readonly string[] },
  say: (body: string) => void,
): Promise<Told> => {
  const sockets = await lightSockets(target.url, target.tokens)
  const heard = new Map<string, number>()
  const sentAt = new Map<string, number>()
  const lastMs: number[] = []
  let sample = ''
  sockets.onEvent((name, frame) => {
    const body = name === 'appMessage' && /fan (\d+) end/.exec(frame)?.[0]
    if (!body) return
    sample ||= frame
    const count = (heard.get(body) ?? 0) + 1
    heard.set(body, count)
    if (count === sockets.count) lastMs.push(performance.now() - (sentAt.get(body) ?? 0))
  })
  await pause(1_000)
  const cpuBefore = cpuSecondsOf(target.pid)
  for (let number = 0; number < MESSAGES; number++) {
    const body = `fan ${number} end`
    sentAt.set(body, performance.now())
    say(body)
    await pause(1_000 / PER_SECOND)
  }
  while (lastMs.length < MESSAGES) await pause(5)
  const cpuMs = ((cpuSecondsOf(target.pid) - cpuBefore) * 1_000) / MESSAGES
  sockets.close()
  return { cpuMs, lastMs, sample }
}

const bare = async (sockets: number, payload: object): Promise<Told> => {
  const child = fork(join(import.meta.dirname, 'support/broadcast.main.ts'), {
    execArgv: ['--import', 'tsx'],
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const text = JSON.stringify(payload)
  const told = await tell(
    {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid ?? 0,
      tokens: Array.from({ length: sockets }, () => ''),
    },
    body => void child.send(JSON.parse(text.replace(/fan \d+ end/g, body)) as object),
  )
  child.kill()
  return told
}

const network = await startSimulatorProcess()
const server = await startBenchServer({ SIMULATOR_URL: network.url })
const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 30_000 })
try {
  const session = await startedSession(server)
  const write = (text: string): void => void phone.inbound(session, { from: '5511987654321', text })
  const tokens = (count: number): string[] => Array.from({ length: count }, () => server.token)
  const alone = await tell({ url: server.url, pid: server.pid, tokens: tokens(1) }, write)
  const payload = (JSON.parse(alone.sample.slice(2)) as [string, object])[1]
  const figures: Figure[] = []
  for (const sockets of SOCKETS) {
    const ours = await tell({ url: server.url, pid: server.pid, tokens: tokens(sockets) }, write)
    const theirs = await bare(sockets, payload)
    const ourMicros = ((ours.cpuMs - alone.cpuMs) * 1_000) / (sockets - 1)
    const theirMicros = (theirs.cpuMs * 1_000) / sockets
    const unit = 'µs'
    const better = 'lower' as const
    figures.push(
      {
        figure: `CPU per delivery, ${sockets} sockets`,
        value: ourMicros,
        unit,
        better,
        note: `beyond what the message costs with one socket; ${(ourMicros / theirMicros).toFixed(2)} times the bare broadcast`,
      },
      { figure: `CPU per delivery, ${sockets} sockets, bare Socket.IO`, value: theirMicros, unit, better },
      {
        figure: `customer to the last of ${sockets} sockets, p50`,
        value: quantile(ours.lastMs, 0.5),
        unit: 'ms',
        better,
      },
      {
        figure: `customer to the last of ${sockets} sockets, p99`,
        value: quantile(ours.lastMs, 0.99),
        unit: 'ms',
        better,
      },
      {
        figure: `bare broadcast to the last of ${sockets} sockets, p50`,
        value: quantile(theirs.lastMs, 0.5),
        unit: 'ms',
        better,
      },
    )
  }
  report('fan-out', { column: 'embedded', messages: MESSAGES, 'per second': PER_SECOND }, figures)
} finally {
  phone.close()
  await server.stop()
  await network.stop()
}
