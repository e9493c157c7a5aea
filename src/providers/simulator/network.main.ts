import { parseArgs } from 'node:util'
import { systemClock } from '../../shared/clock.ts'
import { createLog } from '../../shared/log.ts'
import { startSimulatorNetwork } from './network.ts'

/** The simulated network as a process of its own, for several engines and for engines that die: `--port 9400 [--host …]`. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' } },
})
const log = createLog({
  level: process.env['LOG_LEVEL'] ?? 'info',
  version: 'simulator',
  environment: process.env['NODE_ENV'] ?? 'development',
  destination: process.stderr,
})
const network = await startSimulatorNetwork({
  host: values.host,
  port: Number(values.port),
  log,
  clock: systemClock,
})
// One line by which whoever started it learns the address; the log goes to the other stream.
process.stdout.write(`${JSON.stringify({ ready: true, url: network.url })}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    network.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'simulator network did not close')
        process.exit(1)
      },
    )
  })
}
