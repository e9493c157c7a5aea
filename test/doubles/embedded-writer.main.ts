import { randomUUID } from 'node:crypto'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'

/**
 * Appends to the embedded store in a folder as fast as it can and prints each event only once it is acknowledged:
 * `stream revision id`. Each event names its append, its part of it, and the event before it. To be killed.
 */
const [folder] = process.argv.slice(2)
if (!folder) throw new Error('usage: embedded-writer.main <folder>')

const WRITERS = 16
const store = await openEmbeddedStore({ folder })
process.stdout.write('ready\n')

const newest = async (stream: string): Promise<string> => {
  for await (const { id } of store.readStream(stream, { direction: 'backwards', limit: 1 })) return id
  return ''
}

const write = async (stream: string): Promise<never> => {
  let after = await newest(stream)
  for (let n = 0; ; n++) {
    const append = randomUUID()
    const of = 1 + (n % 3)
    const events = Array.from({ length: of }, (_, i) => {
      const id = randomUUID()
      const data = { append, part: i + 1, of, after, text: 'x'.repeat((n * 37) % 2000) }
      after = id
      return { id, type: 'test.happened', data, metadata: {} }
    })
    const { revision } = await store.append(stream, 'any', events)
    const first = revision - events.length + 1
    process.stdout.write(events.map(({ id }, i) => `${stream} ${first + i} ${id}\n`).join(''))
  }
}
await Promise.all(Array.from({ length: WRITERS }, (_, n) => write(`ticket-${n}`)))
