import { randomUUID } from 'node:crypto'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'

/** Opens an embedded store, reads all of it, appends one event and says so; or says why not, and exits with 1. */
const [folder] = process.argv.slice(2)
if (!folder) throw new Error('usage: embedded-user.main <folder>')
try {
  const store = await openEmbeddedStore({ folder })
  let events = 0
  for await (const { revision } of store.readAll()) events += revision >= 0 ? 1 : 0
  await store.append('ticket-0', 'any', [{ id: randomUUID(), type: 'test.happened', data: {}, metadata: {} }])
  await store.close()
  process.stdout.write(`${events} events read and written\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
