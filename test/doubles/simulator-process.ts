import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The simulated network in a process of its own: shared by several servers, alive when they are killed. */
export type SimulatorProcess = {
  /** For `SIMULATOR_URL`. */
  readonly url: string
  readonly pid: number
  /** Ends it and answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const ENTRY = fileURLToPath(new URL('../../src/providers/simulator/network.main.ts', import.meta.url))

export const startSimulatorProcess = async (options: { port?: number } = {}): Promise<SimulatorProcess> => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(process.execPath, ['--import', loader, ENTRY, '--port', String(options.port ?? 0)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOG_LEVEL: 'warn' },
  })
  const lines = createInterface({ input: child.stdout })
  const [first] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as unknown[]
  if (typeof first !== 'string') throw new Error(`the simulator network ended: ${String(first)}`)
  const { url } = JSON.parse(first) as { url: string }
  return {
    url,
    pid: child.pid!,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit')
        child.kill(signal)
        await exit
      }
      return child.exitCode
    },
  }
}
