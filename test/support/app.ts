import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { apiClient, type Api } from './api.ts'
import { serverArguments } from './server-bundle.ts'
import { until } from './until.ts'
import { ADMIN, startWorld, type LogEntry, type MatrixColumn, type World } from './world.ts'

/** A server as a process of its own, as an operator starts it. */
export type ServerProcess = {
  /** Where it is now: a server that was started again is at another port. */
  readonly url: string
  /** `null` while it does not run. */
  readonly pid: number | null
  /** Whether it runs and listens. */
  readonly alive: boolean
  /** Sends the signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again; resolves when it is ready. */
  start(): Promise<void>
  restart(): Promise<void>
  /** Its last output. */
  logs(): string
}

/** One that serves the API. */
export type App = ServerProcess & {
  /** Logged in as the first user. */
  readonly api: Api
  /** Another person's way in. */
  person(email: string, password: string): Promise<Api>
}

const LINES_KEPT = 2_000
const START_MS_MAX = 90_000
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')))

type Running = { readonly child: ChildProcess; readonly lines: string[]; url: string | null }

const launch = (environment: Record<string, string>, program: readonly string[]): Running => {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const child = spawn(process.execPath, program, {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const server: Running = { child, lines: [], url: null }
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', line => {
      server.lines.push(line)
      if (server.lines.length > LINES_KEPT) server.lines.shift()
      if (line.includes('"msg":"listening"')) server.url = (JSON.parse(line) as { url: string }).url
    })
  return server
}

const hasEnded = ({ child }: Running): boolean => child.exitCode !== null || child.signalCode !== null

const ready = (server: Running): Promise<boolean> =>
  until(
    'the server to be ready',
    async () => {
      if (hasEnded(server)) throw new Error(`the server ended:\n${server.lines.slice(-40).join('\n')}`)
      if (!server.url) return false
      const answer = await fetch(`${server.url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => null,
      )
      await answer?.arrayBuffer().catch(() => null)
      return answer?.status === 200
    },
    START_MS_MAX,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${server.lines.slice(-40).join('\n')}`)
  })

/** Starts the n-th process of a world and waits until it is ready. `program`: another than today's server. */
export const startProcess = async (
  world: World,
  node = 0,
  environment: Record<string, string> = {},
  program: readonly string[] = serverArguments(),
): Promise<ServerProcess> => {
  let server: Running | null = null
  const kept: string[] = []
  const start = async (): Promise<void> => {
    if (server) kept.push(...server.lines.splice(0))
    server = launch({ ...world.environment(node), ...environment }, program)
    await ready(server)
  }
  const kill = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!server || hasEnded(server)) return
    const ended = once(server.child, 'exit')
    server.child.kill(signal)
    await ended
  }
  await start()
  return {
    get url() {
      return server?.url ?? 'http://127.0.0.1:9'
    },
    get pid() {
      return server && !hasEnded(server) ? (server.child.pid ?? null) : null
    },
    get alive() {
      return server !== null && server.url !== null && !hasEnded(server)
    },
    kill,
    start,
    restart: async () => {
      await kill()
      await start()
    },
    logs: () => [...kept, ...(server?.lines ?? [])].slice(-LINES_KEPT).join('\n'),
  }
}

/** Starts the n-th server of a world and waits until it is ready. `program`: another than today's server. */
export const startNode = async (
  world: World,
  node = 0,
  environment: Record<string, string> = {},
  program: readonly string[] = serverArguments(),
): Promise<App> => {
  const server = await startProcess(world, node, environment, program)
  const person = async (email: string, password: string): Promise<Api> => {
    const api = apiClient(() => server.url)
    await api.login(email, password)
    return api
  }
  const api = await person(ADMIN.email, ADMIN.password)
  return Object.defineProperties({ api, person }, Object.getOwnPropertyDescriptors(server)) as App
}

/** One server in a world of its own; `close` leaves nothing behind. */
export const startApp = async (options: {
  column: MatrixColumn
  env?: Record<string, string>
}): Promise<App & { readonly world: World; close(): Promise<void> }> => {
  const world = await startWorld(options.column, options.env)
  const app = await startNode(world).catch(async (error: unknown) => {
    await world.close()
    throw error
  })
  const close = async (): Promise<void> => {
    await app.kill()
    await world.close()
  }
  return Object.defineProperties({ world, close }, Object.getOwnPropertyDescriptors(app)) as App & {
    world: World
    close(): Promise<void>
  }
}

/** The log of a world. What is embedded belongs to one process, so its server is put away for a moment. */
export const logOf = async (world: World, app: App): Promise<LogEntry[]> => {
  if (world.column === 'outside') return world.log()
  await app.kill()
  const log = await world.log()
  await app.start()
  return log
}
