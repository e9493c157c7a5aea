import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from './lib/root.mjs'
import { capture } from './lib/run.mjs'

// What a newcomer does: clone, `npm start`, open the page, Ctrl-C. Prints how long each took; any step that fails ends it.
const READY_SECONDS_MAX = 240
const STOP_SECONDS_MAX = 30
const REQUEST_MS_MAX = 5_000

const freePort = () =>
  new Promise((found, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => found(port))
    })
  })

const get = url => fetch(url, { signal: AbortSignal.timeout(REQUEST_MS_MAX) })

/** Null while nobody listens yet. */
const statusOf = async url => {
  try {
    return (await get(url)).status
  } catch {
    return null
  }
}

const must = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise)
}

const checkPages = async base => {
  const page = await get(`${base}/`)
  const html = await page.text()
  must(page.ok && html.includes('<script'), `GET / answered ${page.status} without the UI`)
  const scripts = [...html.matchAll(/<script[^>]+src="([^"]+\.js)"/g)].map(([, src]) => src)
  must(scripts.length > 0, 'the page names no script')
  for (const path of [...scripts, '/openapi.json', '/docs', '/health', '/metrics']) {
    const answer = await get(new URL(path, base))
    must(answer.ok, `GET ${path} answered ${answer.status}`)
  }
}

const groupLives = leader => {
  try {
    process.kill(-Number(leader), 0)
    return true
  } catch (error) {
    if (error.code === 'ESRCH') return false
    throw error
  }
}

/** Ends npm, the start script and the server, whatever is left of them. */
const endGroup = leader => {
  try {
    process.kill(-Number(leader), 'SIGKILL')
  } catch (error) {
    // ESRCH: the whole group has ended, as it should have.
    if (error.code !== 'ESRCH') console.error(error)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'fio-smoke-'))
const clone = join(folder, 'fio')
const { code, output } = await capture('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone])
must(code === 0, `git clone failed: ${output}`)

const port = await freePort()
const base = `http://127.0.0.1:${port}`
const outside = ['DATABASE_URL', 'EVENTSTORE_URL', 'REDIS_URL', 'MEDIA_URL', 'DATA_DIR', 'ROLE']
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !outside.includes(name))),
  PORT: String(port),
}
const began = Date.now()
const seconds = () => ((Date.now() - began) / 1000).toFixed(1)
const server = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
let said = ''
let ended = null
for (const stream of [server.stdout, server.stderr]) stream.on('data', chunk => (said += chunk))
server.once('exit', (exitCode, signal) => (ended = signal ?? exitCode))

try {
  while ((await statusOf(`${base}/health/ready`)) !== 200) {
    must(ended === null, `npm start ended with ${ended}`)
    must(Date.now() - began < READY_SECONDS_MAX * 1000, `not ready after ${READY_SECONDS_MAX} s`)
    await pause(100)
  }
  console.log(
    said
      .split('\n')
      .filter(line => /^(installed|built) in/.test(line))
      .join('\n'),
  )
  console.log(`ready ${seconds()} s after npm start`)
  await checkPages(base)
  console.log('the UI, the API reference, health and metrics answer')

  const stopping = Date.now()
  process.kill(server.pid, 'SIGTERM')
  while (ended === null) {
    must(Date.now() - stopping < STOP_SECONDS_MAX * 1000, `still running ${STOP_SECONDS_MAX} s after SIGTERM`)
    await pause(100)
  }
  // npm ends at once; what it started may still be putting its work away.
  while (groupLives(server.pid)) {
    must(Date.now() - stopping < STOP_SECONDS_MAX * 1000, 'npm ended but the server did not')
    await pause(100)
  }
  console.log(`stopped ${((Date.now() - stopping) / 1000).toFixed(1)} s after SIGTERM`)
} catch (error) {
  console.error(`${error.message}\n\nwhat npm start said:\n${said}`)
  process.exitCode = 1
} finally {
  endGroup(server.pid)
  rmSync(folder, { recursive: true, force: true })
}
