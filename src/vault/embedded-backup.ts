import { mkdir } from 'node:fs/promises'
import { open } from 'lmdb'

/** Copies a vault's folder as of now, also while a server has it open: other processes may read, each in its own snapshot. */
export const copyVault = async (folder: string, target: string): Promise<void> => {
  await mkdir(target, { recursive: true, mode: 0o700 })
  const store = open<Buffer, Buffer>(folder, {
    noSubdir: false,
    keyEncoding: 'binary',
    encoding: 'binary',
    maxDbs: 1,
    readOnly: true,
  })
  try {
    // A vault has a folder of its own, and so has its copy: lmdb names the file in it.
    await store.backup(target, true)
  } finally {
    await store.close()
  }
}
