import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../../src/config.ts'
import { openGround } from '../../src/main/ground.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { silentLog } from '../../src/shared/log.ts'
import { dataKeys } from '../../src/vault/data-keys.ts'
import { writeHistory } from '../../test/support/history/write.ts'
import { largeHistory } from '../../test/support/large-history.ts'
import { startBenchServer, startedSession, type BenchServer } from './server.ts'

const KEYS_CACHED_MAX = 50_000
const READ_MODELS_MINUTES_MAX = 30
const AT_REST_MINUTES_MAX = 10
const AT_REST_SECONDS = 3
/** Of a core. */
const IDLE_SHARE = 0.1

export type LargeServer = BenchServer & { readonly sessionId: string; readonly facts: number }

type Made = { readonly sessionId: string; readonly facts: number; readonly password: string }

/** Until what follows the log has been through all of it: a server that reads a million facts beside is not what is measured. */
const atRest = async (server: BenchServer): Promise<void> => {
  const until = Date.now() + AT_REST_MINUTES_MAX * 60_000
  for (let quiet = 0; quiet < AT_REST_SECONDS;) {
    const before = server.cpuSeconds()
    await pause(1_000)
    quiet = server.cpuSeconds() - before < IDLE_SHARE ? quiet + 1 : 0
    if (Date.now() > until) throw new Error('the server did not come to rest')
  }
}

/** Years of one company, written into a data folder whose read models are whole afterwards. */
const make = async (dataDir: string, size: { tickets: number; messages: number }): Promise<Made> => {
  const env = { DATA_DIR: dataDir }
  const first = await startBenchServer(env)
  const { companyId } = await first.call<{ companyId: string }>('GET', '/me')
  const made = async (path: string, body: object) => (await first.call<{ id: string }>('POST', path, body)).id
  const queueIds = await Promise.all(
    ['Vendas', 'Suporte', 'Entregas'].map(name => made('/queues', { name, color: '#00aa55' })),
  )
  const agents: { id: string; queueIds: string[] }[] = []
  for (let i = 0; i < 10; i++) {
    const own = [queueIds[i % queueIds.length] ?? '']
    const person = { name: `Agent ${i}`, email: `agent-${i}@example.com`, password: 'a long password' }
    agents.push({
      id: await made('/users', { ...person, role: 'agent', queueIds: own }),
      queueIds: own,
    })
  }
  const sessionId = await startedSession(first)
  await first.stop()
  const config = loadConfig({ ...process.env, ...env })
  const ground = await openGround(config, systemClock, silentLog)
  const keys = dataKeys(ground.vault, { cacheMax: KEYS_CACHED_MAX, clock: systemClock })
  const cast = { companyId, queueIds, agents, sessionIds: [sessionId] }
  const facts = await writeHistory(ground.store, largeHistory({ ...size, cast, until: Date.now() }), keys)
  const head = (await ground.store.head()) ?? ''
  await ground.close()
  // Made again in bulk, as after a new release: quicker than following so long a log.
  if (!config.databaseUrl) await rm(join(dataDir, 'read-models'), { recursive: true, force: true })
  const server = await startBenchServer(env, first.password)
  const until = Date.now() + READ_MODELS_MINUTES_MAX * 60_000
  for (;;) {
    const headers = { authorization: `Bearer ${server.token}`, 'x-min-position': head }
    const answer = await fetch(`${server.url}/api/v1/tickets?limit=1`, { headers })
    await answer.body?.cancel()
    if (answer.ok && answer.headers.get('x-stale') === null) break
    if (Date.now() > until) throw new Error('the read models were not made in time')
  }
  await atRest(server)
  await server.stop()
  return { sessionId, facts, password: first.password }
}

/**
 * The built server on its own data with years of one company in it, whose read models are whole. `BENCH_DATA` names a
 * folder in which the data set is kept from one run to the next; each run works on a copy (embedded only).
 */
export const startLargeServer = async (size: { tickets: number; messages: number }): Promise<LargeServer> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fio-bench-large-'))
  const kept = process.env['DATABASE_URL'] ? undefined : process.env['BENCH_DATA']
  const note = kept && join(kept, `${size.tickets}-${size.messages}.json`)
  const folder = kept && join(kept, `${size.tickets}-${size.messages}`)
  let made: Made
  if (folder && note && existsSync(note)) {
    await cp(folder, dataDir, { recursive: true })
    made = JSON.parse(await readFile(note, 'utf8')) as Made
  } else {
    made = await make(dataDir, size)
    if (folder && note) {
      await cp(dataDir, folder, { recursive: true })
      await writeFile(note, JSON.stringify(made))
    }
  }
  const server = await startBenchServer({ DATA_DIR: dataDir }, made.password)
  await atRest(server)
  const stop = async (): Promise<void> => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { ...server, sessionId: made.sessionId, facts: made.facts, stop }
}
