import { spawn } from 'node:child_process'
import { requireNode } from './lib/node-version.mjs'
import { bin } from './lib/bin.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { ROOT } from './lib/root.mjs'

// `npm run dev`: the server restarts and the browser reloads as files change. Vite serves the UI and passes the rest on
// (ui/vite.config.ts) to the server, which listens on PORT. When one of the two ends, both do.
requireNode()
await ensureInstalled()

const start = (...args) => spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
const children = [
  start(bin('tsx'), 'watch', '--clear-screen=false', 'src/main.ts'),
  start(bin('vite'), 'ui', '--config', 'ui/vite.config.ts'),
]
let ending = false
const end = code => {
  if (ending) return
  ending = true
  process.exitCode = code
  for (const child of children) child.kill('SIGTERM')
}
for (const child of children) child.once('exit', code => end(code ?? 0))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0))
