import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { requireNode } from './lib/node-version.mjs'
import { ROOT } from './lib/root.mjs'

// `node scripts/bundle-size.mjs`: what a browser fetches of ours, gzip, until the inbox is there: the page, its style, what
// logs in, the inbox, the line to the server, and the texts of the language that has the longest ones. Fails over the budget.
requireNode()
const BUDGET_KB = 150
/** What is loaded on the way to the inbox, beside what the page itself names. */
const ON_THE_WAY = ['ui/src/screens/login.tsx', 'ui/src/screens/inbox.tsx', 'socket.io-client']
const TEXTS = ['pt', 'en', 'es'].map(locale => `ui/src/i18n/${locale}.ts`)

const built = await build({
  root: join(ROOT, 'ui'),
  configFile: join(ROOT, 'ui/vite.config.ts'),
  build: { write: false, rolldownOptions: { checks: { pluginTimings: false, bundlerTimings: false } } },
  logLevel: 'error',
})
const { output } = Array.isArray(built) ? built[0] : built
const chunks = output.filter(({ type }) => type === 'chunk')
const byFile = new Map(chunks.map(chunk => [chunk.fileName, chunk]))
const gzip = content => gzipSync(content, { level: 9 }).length

/** The chunk that somebody gets who imports a module. */
const chunkOf = module => {
  const found = chunks.find(({ facadeModuleId }) => facadeModuleId?.includes(module))
  if (!found) throw new Error(`no chunk begins with ${module}: say here what the inbox loads instead`)
  return found.fileName
}
const withImports = (file, all = new Set()) => {
  if (all.has(file) || !byFile.has(file)) return all
  all.add(file)
  for (const next of byFile.get(file).imports) withImports(next, all)
  return all
}

const longest = TEXTS.map(chunkOf).sort((a, b) => gzip(byFile.get(b).code) - gzip(byFile.get(a).code))[0]
const entry = chunks.find(({ isEntry }) => isEntry).fileName
const files = new Set([entry, ...ON_THE_WAY.map(chunkOf), longest].flatMap(file => [...withImports(file)]))

const rows = [
  ...[...files].map(file => [file, gzip(byFile.get(file).code)]),
  ['theme.js', gzip(readFileSync(join(ROOT, 'ui/public/theme.js')))],
  ...output
    .filter(({ fileName }) => /index-[^/]*\.css$|index\.html$/.test(fileName))
    .map(({ fileName, source }) => [fileName, gzip(source)]),
].sort(([, a], [, b]) => b - a)

const kb = bytes => (bytes / 1000).toFixed(1).padStart(6)
for (const [file, bytes] of rows) console.log(`${kb(bytes)} kB  ${file.replace(/^assets\//, '')}`)
const total = rows.reduce((sum, [, bytes]) => sum + bytes, 0)
const script = rows.reduce((sum, [file, bytes]) => sum + (file.endsWith('.js') ? bytes : 0), 0)
console.log(
  `${kb(total)} kB  first load, gzip, ${kb(script).trim()} of it JavaScript (at most ${BUDGET_KB} kB)`,
)
process.exit(total > BUDGET_KB * 1000 ? 1 : 0)
