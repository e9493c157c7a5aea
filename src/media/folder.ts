import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkPut, partsOf } from './keys.ts'
import { MediaTooLarge, type MediaInfo, type MediaStore } from './port.ts'

const THUMBNAIL = '.thumbnail.jpg'

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** A name is durable when its directory is. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

type Written = { sha256: string; size: number }

const writeBytes = async (
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Written> => {
  const handle = await open(file, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of bytes) {
      size += chunk.byteLength
      if (size > limit) throw new MediaTooLarge(limit)
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    await handle.sync()
    return { sha256: hash.digest('hex'), size }
  } finally {
    await handle.close()
  }
}

const writeWhole = async (file: string, text: string | Uint8Array): Promise<void> => {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const unlessMissing = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

type Kept = Pick<MediaInfo, 'size' | 'mime'>
const parseKept = (text: string): Kept => {
  const { size, mime } = JSON.parse(text) as Kept
  return { size, mime }
}

/** What a stop in the middle of a `put` left behind. */
const clearIncoming = async (incoming: string): Promise<void> => {
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { force: true })
}

/**
 * Media in a local folder: `<company>/<first two of the hash>/<hash>`; beside it `<hash>.json` with its type and, for
 * some, `<hash>.thumbnail.jpg`.
 * Bytes are written elsewhere, synced and moved into place; the `.json` comes first, so that whoever sees the bytes
 * finds both.
 */
export const openFolderMedia = async ({ folder }: { readonly folder: string }): Promise<MediaStore> => {
  const incoming = join(folder, 'incoming')
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  await clearIncoming(incoming)
  const pathOf = (companyId: string, sha256: string): string =>
    join(folder, companyId, sha256.slice(0, 2), sha256)

  const fileOf = (key: string): string | null => {
    const parts = partsOf(key)
    return parts && pathOf(parts.companyId, parts.sha256)
  }
  const drafted = async <T>(write: (draft: string) => Promise<T>): Promise<T> => {
    const draft = join(incoming, randomBytes(16).toString('hex'))
    try {
      return await write(draft)
    } finally {
      await rm(draft, { force: true })
      await rm(`${draft}.json`, { force: true })
    }
  }

  const moveIn = async (draft: string, target: string, kept: Kept): Promise<void> => {
    const home = dirname(target)
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeWhole(`${draft}.json`, JSON.stringify(kept))
    await rename(`${draft}.json`, `${target}.json`)
    await rename(draft, target)
    for (const path of [home, dirname(home), folder]) await syncFolder(path)
  }

  const head: MediaStore['head'] = async key => {
    const path = fileOf(key)
    if (path === null) return null
    return unlessMissing(
      (async () => {
        const { mtimeMs } = await stat(path)
        return { ...parseKept(await readFile(`${path}.json`, 'utf8')), storedAt: Math.floor(mtimeMs) }
      })(),
    )
  }

  return {
    name: 'folder',
    check: () => access(folder, constants.W_OK),
    put: async (companyId, bytes, { mime, limit }) => {
      checkPut(companyId, mime)
      return drafted(async draft => {
        const { sha256, size } = await writeBytes(draft, bytes, limit)
        const target = pathOf(companyId, sha256)
        const now = new Date()
        const again = await unlessMissing(utimes(target, now, now).then(() => true))
        if (!again) await moveIn(draft, target, { size, mime })
        return { key: `${companyId}/${sha256}`, sha256, size }
      })
    },
    head,
    get: async (key, range) => {
      const info = await head(key)
      const path = fileOf(key)
      if (!info || path === null) return null
      return {
        info,
        bytes: { [Symbol.asyncIterator]: () => createReadStream(path, range ?? {})[Symbol.asyncIterator]() },
      }
    },
    putThumbnail: async (key, jpeg) => {
      const path = fileOf(key)
      // Of what was removed meanwhile nothing is kept.
      if (path === null || !(await unlessMissing(stat(path)))) return
      await drafted(async draft => {
        await writeWhole(draft, jpeg)
        await rename(draft, `${path}${THUMBNAIL}`)
      })
    },
    thumbnail: async key => {
      const path = fileOf(key)
      return path === null ? null : unlessMissing(readFile(`${path}${THUMBNAIL}`))
    },
    remove: async key => {
      const path = fileOf(key)
      if (path === null) return
      for (const suffix of ['', '.json', THUMBNAIL]) await rm(`${path}${suffix}`, { force: true })
    },
  }
}
