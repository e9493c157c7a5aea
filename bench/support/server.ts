import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The built server in a process of its own, as a benchmark measures it. */
export type BenchServer = {
  readonly url: string
  readonly pid: number
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  readonly token: string
  /** Seconds of CPU that the process has used. */
  cpuSeconds(): number
  /** Resident memory, MiB. */
  rssMiB(): number
  stop(): Promise<void>
}

const EMAIL = 'bench@example.com'
const START_SECONDS_MAX = 60
const TICKS_PER_SECOND = 100

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

export const startBenchServer = async (env: Readonly<Record<string, string>>): Promise<BenchServer> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fio-bench-'))
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js'], {
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
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  token = (await call<{ accessToken: string }>('POST', '/auth/login', { email: EMAIL, password })).accessToken
  const pid = child.pid ?? 0
  return {
    url,
    pid,
    call,
    token,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    },
    rssMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    stop: async () => {
      const gone = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A connected simulator session. */
export const startedSession = async (server: BenchServer): Promise<string> => {
  const { id } = await server.call<{ id: string }>('POST', '/sessions', {
    name: 'Bench',
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
