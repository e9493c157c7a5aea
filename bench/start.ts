import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '../src/eventstore/embedded.ts'
import { derivedId, type CompanyId } from '../src/shared/ids.ts'
import { openEmbeddedVault } from '../src/vault/embedded.ts'
import { NODE_FLAGS } from '../scripts/lib/node-flags.mjs'
import { writeBigLog } from './support/big-log.ts'
import { median, report } from './support/results.ts'

/**
 * How long a server with a million events needs from its start to `ready`, after an orderly stop and after kill -9. The
 * log is written and the read models are made first, outside of the figures. `BENCH_EVENTS` (1000000), `BENCH_STARTS` (3; 0: only make the folder),
 * `BENCH_DATA_DIR` (a folder that stays and is used again as it is: the minutes of writing are spent once, at any hour).
 */
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? '1000000')
const STARTS = Number(process.env['BENCH_STARTS'] ?? '3')
const PORT = process.env['BENCH_PORT'] ?? '18180'
const SECRET_KEY = 'a-secret-key-for-benchmarks-that-is-long-enough'
const MUST_SECONDS = 5
const AIM_SECONDS = 1
const READY_SECONDS_MAX = 120
const LOOK_MS = 20

const kept = process.env['BENCH_DATA_DIR']
const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'fio-bench-start-')))
/** What was made before, said in the kept folder once it is whole. */
const MADE_FILE = join(dataDir, 'made.json')
const url = `http://127.0.0.1:${PORT}`

const wait = async (what: string, secondsMax: number, look: () => Promise<boolean>): Promise<void> => {
  const until = performance.now() + secondsMax * 1000
  while (!(await look().catch(() => false))) {
    if (performance.now() > until) throw new Error(`${what} took more than ${secondsMax} s`)
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}

const start = async () => {
  const began = performance.now()
  const child = spawn(process.execPath, [...NODE_FLAGS, 'dist/main.js'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PORT,
      DATA_DIR: dataDir,
      SECRET_KEY,
      ADMIN_PASSWORD: 'bench-bench-bench',
      LOG_LEVEL: 'error',
    },
  })
  await wait('the start', READY_SECONDS_MAX, async () => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    return (await fetch(`${url}/health/ready`)).ok
  })
  const seconds = (performance.now() - began) / 1000
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  return { seconds, end }
}

/** The read models of the log as it is. */
const readModelsMade = async (): Promise<void> => {
  const child = spawn(process.execPath, [...NODE_FLAGS, 'dist/rebuild.main.js'], {
    stdio: 'inherit',
    env: { ...process.env, DATA_DIR: dataDir, SECRET_KEY },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the read models could not be made: ${code}`)
}

const starts = async (signal: NodeJS.Signals): Promise<number> => {
  const seconds: number[] = []
  for (let n = 0; n < STARTS; n++) {
    const server = await start()
    seconds.push(server.seconds)
    await server.end(signal)
  }
  return median(seconds)
}

type Made = { readonly events: number; readonly rebuildSeconds: number }

const make = async (): Promise<Made> => {
  await (await start()).end('SIGTERM')
  const store = await openEmbeddedStore({ folder: join(dataDir, 'events') })
  const vault = await openEmbeddedVault({
    folder: join(dataDir, 'vault'),
    masterKey: Buffer.from(SECRET_KEY),
  })
  const companyId = derivedId<CompanyId>('company', 'first')
  const began = performance.now()
  const { events, tickets } = await writeBigLog({ store, vault, companyId, events: EVENTS })
  await store.close()
  await vault.close()
  const writeSeconds = (performance.now() - began) / 1000
  console.log(`${events} events of ${tickets} tickets written in ${Math.round(writeSeconds)} s`)
  const rebuilding = performance.now()
  await readModelsMade()
  const made = { events, rebuildSeconds: (performance.now() - rebuilding) / 1000 }
  await writeFile(MADE_FILE, JSON.stringify(made))
  return made
}

try {
  const made = existsSync(MADE_FILE) ? (JSON.parse(await readFile(MADE_FILE, 'utf8')) as Made) : await make()
  if (STARTS > 0) {
    const clean = await starts('SIGTERM')
    // The first of these starts still finds an orderly stop; killing it is what makes the others unclean.
    await (await start()).end('SIGKILL')
    const killed = await starts('SIGKILL')
    const limits = { unit: 's', better: 'lower', must: MUST_SECONDS, aim: AIM_SECONDS } as const
    report('start', { column: 'embedded', events: made.events }, [
      { figure: 'ready after an orderly stop', value: clean, ...limits },
      { figure: 'ready after kill -9', value: killed, ...limits },
      {
        figure: 'read models made by npm run rebuild',
        value: made.rebuildSeconds,
        unit: 's',
        better: 'lower',
        note: 'once, before the starts',
      },
    ])
  }
} finally {
  if (!kept) await rm(dataDir, { recursive: true, force: true })
}
