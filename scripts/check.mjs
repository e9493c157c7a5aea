import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireNode } from './lib/node-version.mjs'
import { bin } from './lib/bin.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { ROOT } from './lib/root.mjs'
import { capture } from './lib/run.mjs'

// `npm run check`: everything that can be said about the code without running it. All of it runs, whatever fails first.
requireNode()
await ensureInstalled()

const node = (...args) => capture(process.execPath, args)
const tools = [
  { name: 'types', run: () => node(bin('tsc', 'typescript'), '-p', '.') },
  { name: 'types of ui', run: () => node(bin('tsc', 'typescript'), '-p', 'ui') },
  { name: 'lint', run: () => node(bin('oxlint'), '--type-aware', '--deny-warnings') },
  { name: 'format', run: () => node(bin('prettier'), '--check', '--log-level=warn', '.') },
  { name: 'import law', run: () => node('scripts/import-law.mjs') },
  { name: 'unused', run: () => node(bin('knip')) },
  { name: 'first load', run: () => node('scripts/bundle-size.mjs'), told: /^.*first load.*$/m },
]

const only = process.argv.slice(2)
const chosen = only.length > 0 ? tools.filter(({ name }) => only.includes(name)) : tools
if (chosen.length === 0) {
  console.error(`no such check; there are: ${tools.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

// Two at a time: most of them use one core.
const AT_ONCE = 2
const results = []
let next = 0
const worker = async () => {
  while (next < chosen.length) {
    const place = next++
    const { name, run, told } = chosen[place]
    const began = Date.now()
    const { code, output } = await run()
    const seconds = ((Date.now() - began) / 1000).toFixed(1)
    const said = code === 0 && told ? (told.exec(output)?.[0] ?? '') : output
    if (code !== 0 || said.trim() !== '') console.log(`── ${name} ${'─'.repeat(60)}\n${said.trim()}\n`)
    results[place] = { name, ok: code === 0, seconds }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, worker))

for (const { name, ok, seconds } of results)
  console.log(`${ok ? 'passed' : 'FAILED'}  ${name.padEnd(14)} ${seconds} s`)
mkdirSync(join(ROOT, 'test-output'), { recursive: true })
writeFileSync(join(ROOT, 'test-output/check.json'), `${JSON.stringify(results, null, 2)}\n`)
process.exit(results.every(({ ok }) => ok) ? 0 : 1)
