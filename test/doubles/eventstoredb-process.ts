import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The protocol server in a process of its own, for tests with several processes and for killing it. */
export type EventStoreDbProcess = {
  readonly port: number
  readonly connectionString: string
  readonly pid: number
  /** kill -9 */
  kill(): Promise<void>
  stop(): Promise<void>
}

const ENTRY = fileURLToPath(new URL('./eventstoredb-server.main.ts', import.meta.url))

const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

export const startEventStoreDbProcess = async (options: {
  folder: string
  port?: number
}): Promise<EventStoreDbProcess> => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const flags = ['--port', String(options.port ?? 0), '--folder', options.folder]
  const child = spawn(process.execPath, ['--import', loader, ENTRY, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([once(lines, 'line'), once(child, 'exit')])
  if (typeof first[0] !== 'string' || !first[0].startsWith('{'))
    throw new Error(`the protocol server ended: ${String(first)}`)
  const { port, connectionString } = JSON.parse(first[0]) as { port: number; connectionString: string }
  return {
    port,
    connectionString,
    pid: child.pid!,
    kill: () => ended(child, 'SIGKILL'),
    stop: () => ended(child, 'SIGTERM'),
  }
}
