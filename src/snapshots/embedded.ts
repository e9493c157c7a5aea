import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Snapshots } from './port.ts'

/**
 * Snapshots in a folder of their own, one file each, written beside and renamed. No map of a file is held: a cut file
 * is short bytes, never a killed process, and removing one gives its bytes back (docs/decisions/0014).
 */
export const openEmbeddedSnapshots = async ({ folder }: { readonly folder: string }): Promise<Snapshots> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const fileOf = (stream: string): string => {
    const name = createHash('sha256').update(stream).digest('hex').slice(0, 40)
    return join(folder, name.slice(0, 2), name.slice(2))
  }
  const write = async (file: string, bytes: Buffer): Promise<void> => {
    const draft = `${file}.${randomBytes(4).toString('hex')}`
    try {
      await writeFile(draft, bytes, { mode: 0o600 })
      await rename(draft, file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
  return {
    name: 'embedded',
    get: async stream => {
      try {
        return await readFile(fileOf(stream))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    put: async (stream, bytes) => {
      const file = fileOf(stream)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await write(file, bytes)
    },
    remove: stream => rm(fileOf(stream), { force: true }),
    close: () => Promise.resolve(),
  }
}
