import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isId } from '../shared/ids.ts'
import { MediaTooLarge, type MediaInfo, type MediaStore } from './port.ts'

const SHA256 = /^[0-9a-f]{64}$/
const MIME = /^[\w.+-]{1,100}\/[\w.+-]{1,100}(;[\x20-\x7e]{0,100})?$/

/** A key has one form only, so that none can lead out of the folder. */
const partsOf = (key: string): { companyId: string; sha256: string } | null => {
  const [companyId = '', sha256 = '', ...rest] = key.split('/')
  return rest.length === 0 && isId(companyId) && SHA256.test(sha256) ? { companyId, sha256 } : null
}

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

const writeText = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    error => {
      if (isMissing(error)) return false
      throw error
    },
  )

const parseInfo = (text: string): MediaInfo => {
  const { size, mime } = JSON.parse(text) as MediaInfo
  return { size, mime }
}

/** What a stop in the middle of a `put` left behind. */
const clearIncoming = async (incoming: string): Promise<void> => {
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { force: true })
}

/**
 * Media in a local folder: `<company>/<first two of the hash>/<hash>` and, beside it, `<hash>.json` with its type.
 * Bytes are written elsewhere, synced and moved into place; the `.json` comes first, so that whoever sees the bytes
 * finds both.
 */
export const openFolderMedia = async ({ folder }: { readonly folder: string }): Promise<MediaStore> => {
  const incoming = join(folder, 'incoming')
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  await clearIncoming(incoming)
  const pathOf = (companyId: string, sha256: string): string =>
    join(folder, companyId, sha256.slice(0, 2), sha256)

  const moveIn = async (temporary: string, target: string, info: MediaInfo): Promise<void> => {
    const home = dirname(target)
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeText(`${temporary}.json`, JSON.stringify(info))
    await rename(`${temporary}.json`, `${target}.json`)
    await rename(temporary, target)
    for (const path of [home, dirname(home), folder]) await syncFolder(path)
  }
  return {
    name: 'folder',
    put: async (companyId, bytes, { mime, limit }) => {
      if (!isId(companyId)) throw new Error('media: not a company id')
      if (!MIME.test(mime)) throw new Error(`media: not a media type: ${JSON.stringify(mime)}`)
      const temporary = join(incoming, randomBytes(16).toString('hex'))
      try {
        const { sha256, size } = await writeBytes(temporary, bytes, limit)
        const target = pathOf(companyId, sha256)
        if (!(await exists(target))) await moveIn(temporary, target, { size, mime })
        return { key: `${companyId}/${sha256}`, sha256, size }
      } finally {
        await rm(temporary, { force: true })
        await rm(`${temporary}.json`, { force: true })
      }
    },
    get: async key => {
      const parts = partsOf(key)
      if (!parts) return null
      const path = pathOf(parts.companyId, parts.sha256)
      try {
        await stat(path)
        const info = parseInfo(await readFile(`${path}.json`, 'utf8'))
        // Opened when it is read: who only wants to know the size holds no file open.
        return {
          info,
          bytes: { [Symbol.asyncIterator]: () => createReadStream(path)[Symbol.asyncIterator]() },
        }
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    remove: async key => {
      const parts = partsOf(key)
      if (!parts) return
      const path = pathOf(parts.companyId, parts.sha256)
      await rm(path, { force: true })
      await rm(`${path}.json`, { force: true })
    },
  }
}
