import { parseArgs } from 'node:util'
import { startEventStoreDbServer } from './eventstoredb-server.ts'

/** `npx tsx test/doubles/eventstoredb-server.main.ts --port 0 --folder X`: prints `{"port":…}` when it serves. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, folder: { type: 'string' } },
})
if (!values.folder) throw new Error('usage: eventstoredb-server.main --folder <folder> [--port <port>]')

const server = await startEventStoreDbServer({ folder: values.folder, port: Number(values.port) })
process.stdout.write(`${JSON.stringify({ port: server.port, connectionString: server.connectionString })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void server.stop().then(() => process.exit(0)))
