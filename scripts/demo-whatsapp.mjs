import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireNode } from './lib/node-version.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { ensureBuilt } from './lib/ensure-built.mjs'
import { NODE_FLAGS } from './lib/node-flags.mjs'
import { ROOT } from './lib/root.mjs'
import { run } from './lib/run.mjs'

// `npm run demo:whatsapp`: Fio beside a WhatsApp of its own, with a virtual phone in the browser that scans Fio's QR code and
// writes as a customer. Nothing of it leaves this machine, and nothing of it is kept. PORT is Fio's, PHONE_PORT the phone's.
requireNode()
await ensureInstalled()
await ensureBuilt()

const PHONE_PORT = process.env.PHONE_PORT ?? '8090'
const server = ['--import', 'tsx', 'test/doubles/whatsapp/whatsapp.main.ts', '--control-port', PHONE_PORT]
const whatsapp = spawn(process.execPath, server, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await Promise.race([
  once(createInterface({ input: whatsapp.stdout }), 'line'),
  once(whatsapp, 'exit').then(() => ['']),
])
if (!line.startsWith('{')) {
  console.error('the local WhatsApp did not start')
  process.exit(1)
}
const { url, rootKey, controlUrl } = JSON.parse(line)

// Linked devices live as long as the local WhatsApp does; so does everything else here.
const folder = mkdtempSync(join(tmpdir(), 'fio-demo-'))
console.log(`the virtual phone is at ${controlUrl}
  1. open Fio (its address follows), sign in, and connect a WhatsApp channel by QR code
  2. take a screenshot of the QR code and paste it on the phone's page, or paste a pairing code there
  3. write as a customer on the phone's page, and answer in Fio\n`)
const env = {
  ...process.env,
  NODE_ENV: 'development',
  DATA_DIR: folder,
  WHATSAPP_URL: url,
  WHATSAPP_ROOT_KEY: rootKey,
}
const code = await run(process.execPath, [...NODE_FLAGS, 'dist/main.js'], { env })
whatsapp.kill('SIGTERM')
rmSync(folder, { recursive: true, force: true })
process.exit(code)
