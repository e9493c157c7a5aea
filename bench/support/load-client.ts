import { Agent, request } from 'node:http'

/**
 * A client that asks as fast as it is answered, in a process of its own: `load-client.ts '<json of LoadAsk>'` prints the
 * JSON of a `LoadAnswer`. Connections are kept, as a browser does.
 */
export type LoadAsk = {
  readonly url: string
  readonly token: string
  /** Asked in turn. */
  readonly paths: readonly string[]
  readonly clients: number
  readonly seconds: number
}
export type LoadAnswer = {
  readonly asked: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Share of one core that this process used. */
  readonly cpu: number
}

const WARM_SECONDS = 1

const load = async ({ url, token, paths, clients, seconds }: LoadAsk): Promise<LoadAnswer> => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const headers = { authorization: `Bearer ${token}` }
  const ask = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = request(`${url}/api/v1${path}`, { agent, headers, timeout: 30_000 }, answer => {
        answer.resume()
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve()
          else reject(new Error(`${path}: ${answer.statusCode}`))
        })
        answer.once('error', reject)
      })
      asked.once('timeout', () => asked.destroy(new Error(`${path}: no answer`)))
      asked.once('error', reject)
      asked.end()
    })
  let next = 0
  const times: number[] = []
  const began = performance.now()
  const from = began + WARM_SECONDS * 1000
  const until = from + seconds * 1000
  let cpu = process.cpuUsage()
  let warm = false
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      if (!warm && performance.now() >= from) {
        warm = true
        cpu = process.cpuUsage()
      }
      const start = performance.now()
      await ask(paths[next++ % paths.length] ?? '/me')
      if (start >= from) times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const took = (performance.now() - from) / 1000
  const used = process.cpuUsage(cpu)
  agent.destroy()
  const sorted = times.toSorted((a, b) => a - b)
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
  return {
    asked: times.length,
    perSecond: times.length / took,
    p50: at(0.5),
    p99: at(0.99),
    cpu: (used.user + used.system) / 1e6 / took,
  }
}

console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as LoadAsk)))
