import { randomUUID } from 'node:crypto'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'

/**
 * Appends to the embedded store in a folder as fast as it can and prints each event only once it is acknowledged:
 * `stream revision id`. To be killed.
 */
const [folder] = process.argv.slice(2)
if (!folder) throw new Error('usage: embedded-writer.main <folder>')

const WRITERS = 16
const store = await openEmbeddedStore({ folder })
process.stdout.write('ready\n')

const write = async (stream: string): Promise<never> => {
  for (let n = 0; ; n++) {
    const events = Array.from({ length: 1 + (n % 3) }, () => ({
      id: randomUUID(),
      type: 'test.happened',
      data: { n, text: 'x'.repeat((n * 37) % 2000) },
      metadata: {},
    }))
    const { revision } = await store.append(stream, 'any', events)
    const first = revision - events.length + 1
    process.stdout.write(events.map(({ id }, i) => `${stream} ${first + i} ${id}\n`).join(''))
  }
}
await Promise.all(Array.from({ length: WRITERS }, (_, n) => write(`ticket-${n}`)))
