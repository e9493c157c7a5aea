import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { connectControl } from './whatsapp/control-client.ts'
import type { WhatsAppControl } from './whatsapp/control.ts'

/** The local WhatsApp in a process of its own: shared by several servers, alive when they are killed. */
export type WhatsAppProcess = WhatsAppControl & {
  /** For `WHATSAPP_URL`. */
  readonly url: string
  /** For `WHATSAPP_ROOT_KEY`. */
  readonly rootKey: string
  readonly rootPublicKey: Buffer
  /** Where the control is, with a page for people. */
  readonly controlUrl: string
  readonly pid: number
  stop(): Promise<void>
}

const ENTRY = fileURLToPath(new URL('./whatsapp/whatsapp.main.ts', import.meta.url))

export const startWhatsAppProcess = async (
  options: { quickPairing?: boolean; nodeFlags?: readonly string[] } = {},
): Promise<WhatsAppProcess> => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const flags = options.quickPairing ? ['--quick-pairing'] : []
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), '--import', loader, ENTRY, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [first] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as unknown[]
  if (typeof first !== 'string') throw new Error(`the local WhatsApp ended: ${String(first)}`)
  const { url, rootKey, controlUrl } = JSON.parse(first) as {
    url: string
    rootKey: string
    controlUrl: string
  }
  return {
    ...connectControl(controlUrl),
    url,
    rootKey,
    rootPublicKey: Buffer.from(rootKey, 'base64'),
    controlUrl,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}
