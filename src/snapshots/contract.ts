import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshots } from './port.ts'

/** What every place for snapshots does. `open` twice = two processes over the same place. */
export const snapshotsContract = (
  name: string,
  place: () => Promise<{ open(): Promise<Snapshots>; clear(): Promise<void> }>,
): void => {
  describe(`snapshots: ${name}`, () => {
    let made: Awaited<ReturnType<typeof place>>
    let snapshots: Snapshots
    beforeAll(async () => {
      made = await place()
      snapshots = await made.open()
    })
    afterAll(async () => {
      await snapshots.close()
      await made.clear()
    })
    const stream = (): string => `ticket-${randomBytes(4).toString('hex')}.é/..`

    test('what was never put is not there', async () => {
      expect(await snapshots.get(stream())).toBeNull()
    })

    test('gives back the bytes that were put last, of any value and size', async () => {
      const name = stream()
      for (const bytes of [
        Buffer.alloc(0),
        Buffer.from([0, 255, 10]),
        randomBytes(3_000_000),
        randomBytes(7),
      ]) {
        await snapshots.put(name, bytes)
        expect((await snapshots.get(name))?.equals(bytes)).toBe(true)
      }
    })

    test('keeps each stream for itself', async () => {
      const names = [stream(), stream(), `${stream()}x`]
      for (const name of names) await snapshots.put(name, Buffer.from(name))
      await snapshots.remove(names[1]!)
      const found = await Promise.all(names.map(name => snapshots.get(name)))
      expect(found.map(bytes => bytes?.toString())).toEqual([names[0], undefined, names[2]])
    })

    test('removes once and for all, and what is not there without a word', async () => {
      const name = stream()
      await snapshots.remove(name)
      await snapshots.put(name, Buffer.from('x'))
      await snapshots.remove(name)
      await snapshots.remove(name)
      expect(await snapshots.get(name)).toBeNull()
    })

    test('many at once, on one stream and on many, end in one of those that were put', async () => {
      const name = stream()
      const puts = Array.from({ length: 20 }, (_, i) => Buffer.alloc(1000, i))
      await Promise.all(puts.map(bytes => snapshots.put(name, bytes)))
      const found = await snapshots.get(name)
      expect(puts.some(bytes => found?.equals(bytes))).toBe(true)
    })

    test('another process sees them, and so does the next', async () => {
      const name = stream()
      await snapshots.put(name, Buffer.from('kept'))
      const other = await made.open()
      expect((await other.get(name))?.toString()).toBe('kept')
      await other.close()
    })
  })
}
