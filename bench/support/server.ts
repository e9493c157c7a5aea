import { NODE_FLAGS } from '../../scripts/lib/node-flags.mjs'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a process holds of the machine's memory, as Linux tells it apart. */
export type ResidentMemory = {
  readonly allMiB: number
  /** Its own: what nobody else has, and what it would not get back from a file. */
  readonly anonymousMiB: number
  /** Mapped files, such as the event log: page cache, which the system takes back when it wants it. */
  readonly ofFilesMiB: number
}

const residentMemoryOf = (pid: number): ResidentMemory => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024
  return {
    allMiB: mib('VmRSS'),
    anonymousMiB: mib('RssAnon'),
    ofFilesMiB: mib('RssFile') + mib('RssShmem'),
  }
}

/** The built server in a process of its own, as a benchmark measures it. */
export type BenchServer = {
  readonly url: string
  readonly pid: number
  call<T>(method: string, path: string, body?: unknown, token?: string): Promise<T>
  /** Asks for a change without the weight of `fetch`, over one connection that is kept: for what is measured one by one. */
  post(path: string): Promise<void>
  /** An access token of this person. */
  login(email: string, password: string): Promise<string>
  readonly token: string
  readonly password: string
  /** Seconds of CPU that the process has used. */
  cpuSeconds(): number
  /** Resident memory, MiB. */
  rssMiB(): number
  memory(): ResidentMemory
  stop(): Promise<void>
}

/** More flags for a server under study, such as `--cpu-prof`. */
const extraFlags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter(Boolean)

const EMAIL = 'bench@example.com'
const START_SECONDS_MAX = 1_200
const TICKS_PER_SECOND = 100

/** Seconds of CPU that a process has used, all its threads together. */
export const cpuSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const ready = async (url: string, child: ChildProcess): Promise<void> => {
  const until = Date.now() + START_SECONDS_MAX * 1000
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const answer = await fetch(`${url}/health/ready`).catch(() => null)
    if (answer?.ok) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the server did not become ready')
}

/** `password`: of the first user, where the data knows one already. */
export const startBenchServer = async (
  env: Readonly<Record<string, string>>,
  password = randomBytes(12).toString('hex'),
): Promise<BenchServer> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fio-bench-'))
  const port = await freePort()
  const child = spawn(process.execPath, [...NODE_FLAGS, ...extraFlags, 'dist/main.js'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      ADMIN_EMAIL: EMAIL,
      ADMIN_PASSWORD: password,
      LOG_LEVEL: 'error',
      RATE_LIMIT_PER_SECOND: '0',
      ...env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  await ready(url, child)
  let token = ''
  const call = async <T>(method: string, path: string, body?: unknown, as = token): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(as ? { authorization: `Bearer ${as}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const post = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': 2,
        authorization: `Bearer ${token}`,
      }
      request(`${url}/api/v1${path}`, { method: 'POST', agent, headers }, answer => {
        answer.resume()
        if (answer.statusCode !== 200) reject(new Error(`POST ${path}: ${answer.statusCode}`))
        answer.once('end', resolve)
        answer.once('error', reject)
      })
        .once('error', reject)
        .end('{}')
    })
  const login = async (email: string, secret: string): Promise<string> =>
    (await call<{ accessToken: string }>('POST', '/auth/login', { email, password: secret }, '')).accessToken
  token = await login(EMAIL, password)
  const pid = child.pid ?? 0
  return {
    url,
    pid,
    call,
    post,
    login,
    token,
    password,
    cpuSeconds: () => cpuSecondsOf(pid),
    rssMiB: () => residentMemoryOf(pid).allMiB,
    memory: () => residentMemoryOf(pid),
    stop: async () => {
      const gone = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** What `/metrics` says under a name, all its labels together; 0 for one that is not there. */
export const metric = async (server: BenchServer, name: string, labels = ''): Promise<number> => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const lines = text.split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines
    .filter(line => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** A connected simulator session. */
export const startedSession = async (server: BenchServer, name = 'Bench'): Promise<string> => {
  const { id } = await server.call<{ id: string }>('POST', '/sessions', {
    name,
    provider: 'simulator',
  })
  await server.call('POST', `/sessions/${id}/start`, {})
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await server.call<{ status: string }>('GET', `/sessions/${id}`)
    if (status === 'connected') return id
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the session did not connect')
}
