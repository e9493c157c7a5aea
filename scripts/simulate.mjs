import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { bin } from './lib/bin.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { requireNode } from './lib/node-version.mjs'
import { ROOT } from './lib/root.mjs'

// `npm run simulate -- --seeds 10000 [--from S] [--workers N]`: runs so many seeds of the simulation, on every core.
// `npm run simulate -- --seed S [--trace]`: runs one, with everything that happened if asked for.
requireNode()
await ensureInstalled()

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
})
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const workers = Math.min(count, Number(values.workers))
for (const [name, value] of Object.entries({ seeds: count, from, workers }))
  if (!Number.isSafeInteger(value) || value < 1) {
    console.error(`--${name}: a whole number from 1 on`)
    process.exit(2)
  }

const MAIN = 'test/simulation/seeds.main.ts'
const PROGRESS_MS = 10_000
const began = performance.now()
const failed = []
let [done, steps, events] = [0, 0, 0]

const told = () => {
  const seconds = (performance.now() - began) / 1000
  const each =
    done === 0 ? '' : `, ${Math.round(steps / done)} steps and ${Math.round(events / done)} facts each`
  console.log(
    `${done} of ${count} seeds, ${(done / seconds).toFixed(1)} a second${each}; ${failed.length} failed`,
  )
}

const explain = ({ seed, broken, lines = [] }) => {
  console.error(`\nseed ${seed} broke a rule: ${broken.rule}\n${broken.what}\n`)
  if (lines.length > 0) console.error(`the last steps:\n${lines.join('\n')}\n`)
  console.error(`again, with everything: npm run simulate -- --seed ${seed} --trace\n`)
}

const take = line => {
  if (!line.startsWith('{"seed"')) {
    console.log(line)
    return
  }
  const result = JSON.parse(line)
  done++
  steps += result.steps
  events += result.events
  if (!result.broken) return
  failed.push(result.seed)
  explain(result)
}

/** One process with some of the seeds; answers its exit code. What a process keeps of each seed it ran would fill its memory over thousands. */
const SEEDS_A_PROCESS = Math.min(250, Math.ceil(count / workers))
const runSome = first =>
  new Promise((resolve, reject) => {
    const last = Math.min(first + SEEDS_A_PROCESS, from + count) - 1
    const args = [`--from=${first}`, `--to=${last}`]
    if (values.trace) args.push('--trace')
    const child = spawn(process.execPath, [bin('tsx'), MAIN, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })
    lines.on('line', take)
    child.on('error', reject)
    lines.on('close', () => {
      if (child.exitCode !== null) return resolve(child.exitCode)
      child.on('exit', code => resolve(code ?? 1))
    })
  })

let next = from
/** One process after the other, as long as there are seeds; answers whether all of them ended well. */
const work = async () => {
  let well = true
  while (next < from + count) {
    const first = next
    next += SEEDS_A_PROCESS
    if ((await runSome(first)) !== 0) well = false
  }
  return well
}

const progress = setInterval(told, PROGRESS_MS)
const ended = await Promise.all(Array.from({ length: workers }, work))
clearInterval(progress)
told()
if (ended.includes(false)) console.error('a worker ended before its seeds did')
if (failed.length > 0) console.error(`failed seeds: ${failed.toSorted((a, b) => a - b).join(' ')}`)
process.exit(failed.length > 0 || ended.includes(false) || done < count ? 1 : 0)
