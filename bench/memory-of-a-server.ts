import { setTimeout as pause } from 'node:timers/promises'
import { simulatorPhone } from '../src/providers/simulator/phone.ts'
import { systemClock } from '../src/shared/clock.ts'
import { startSimulatorProcess } from '../test/doubles/simulator-process.ts'
import { chosenColumns, openGround } from './support/ground.ts'
import { lightSockets } from './support/light-sockets.ts'
import { report } from './support/results.ts'
import { metric, startBenchServer, startedSession } from './support/server.ts'

/** Resident memory with 10,000 live tickets, 10 simulator sessions and 200 sockets, after half a minute of quiet. */
const TICKETS = Number(process.env['BENCH_TICKETS'] ?? '10000')
const SESSIONS = 10
const SOCKETS = 200
const IN_FLIGHT = 128
const QUIET_SECONDS = 30

for (const column of chosenColumns(['embedded', 'postgres'])) {
  const ground = await openGround(column)
  const network = await startSimulatorProcess()
  const server = await startBenchServer({ ...ground.env, SIMULATOR_URL: network.url })
  const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 60_000 })
  try {
    const sessions: string[] = []
    for (let i = 0; i < SESSIONS; i++) sessions.push(await startedSession(server, `Bench ${i}`))
    const sockets = await lightSockets(
      server.url,
      Array.from({ length: SOCKETS }, () => server.token),
    )
    let next = 0
    const worker = async (): Promise<void> => {
      for (let number = next++; number < TICKETS; number = next++)
        await phone.inbound(sessions[number % SESSIONS]!, {
          from: `55119${60_000_000 + number}`,
          name: `Contact ${number}`,
          text: 'Bom dia, preciso de ajuda com o meu pedido',
        })
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
    const peak = server.memory()
    await pause(QUIET_SECONDS * 1_000)
    const after = server.memory()
    const better = 'lower'
    const limits = column === 'embedded' ? { must: 900, aim: 600 } : { must: 512, aim: 300 }
    report('memory-of-a-server', { column, tickets: TICKETS, sessions: SESSIONS, sockets: SOCKETS }, [
      { figure: 'resident memory after half a minute', value: after.allMiB, unit: 'MiB', better, ...limits },
      { figure: 'of that, its own', value: after.anonymousMiB, unit: 'MiB', better },
      {
        figure: 'of that, pages of mapped files',
        value: after.ofFilesMiB,
        unit: 'MiB',
        better,
        note: 'the event log, the program: page cache, which the system takes back when it wants it',
      },
      { figure: 'resident memory at the end of the load', value: peak.allMiB, unit: 'MiB', better },
      { figure: 'live actors', value: await metric(server, 'fio_live_actors'), unit: '', better: 'higher' },
    ])
    sockets.close()
  } finally {
    phone.close()
    await server.stop()
    await network.stop()
    await ground.close()
  }
}
