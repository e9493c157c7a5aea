import { parseArgs } from 'node:util'
import { quickAgreement } from '../../../src/providers/baileys/quick-agreement.ts'
import { startControlServer } from './control-server.ts'
import { startWhatsApp } from './whatsapp.ts'

/**
 * `npx tsx test/doubles/whatsapp/whatsapp.main.ts [--port 0] [--control-port 0] [--quick-pairing]`: prints, when it serves, one
 * line of JSON: `url` (for WHATSAPP_URL), `rootKey` (for WHATSAPP_ROOT_KEY), `controlUrl`.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'quick-pairing': { type: 'boolean', default: false },
  },
})

// What the phones compute is not to be measured with what is served.
quickAgreement()
const whatsapp = await startWhatsApp({ port: Number(values.port), quickPairing: values['quick-pairing'] })
const { url, rootPublicKey, close, ...control } = whatsapp
const server = await startControlServer(control, Number(values['control-port']))
const rootKey = rootPublicKey.toString('base64')
process.stdout.write(`${JSON.stringify({ url, rootKey, controlUrl: server.url })}\n`)

const stop = async (): Promise<void> => {
  await server.close()
  await close()
}
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void stop().then(() => process.exit(0)))
