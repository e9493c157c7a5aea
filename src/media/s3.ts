import { createHash, randomBytes } from 'node:crypto'
import type { Log } from '../shared/log.ts'
import type { S3Address } from './address.ts'
import { createGatherer } from './gather.ts'
import { checkPut, partsOf } from './keys.ts'
import { MediaTooLarge, type MediaInfo, type MediaStore } from './port.ts'
import { clearAbandoned } from './s3-abandoned.ts'
import { createS3Client, S3_TIMEOUTS, type S3Timeouts } from './s3-client.ts'
import { isUnknown } from './s3-error.ts'
import { startMultipart, type MultipartUpload } from './s3-multipart.ts'

/** The least that S3 takes as a part that is not the last; all that is held of a file at once. */
export const PART_BYTES = 5 * 1024 * 1024
const CHECK_MS_MAX = 1_900
const THUMBNAIL = '.thumbnail.jpg'
const JPEG = 'image/jpeg'

const unlessUnknown = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    if (isUnknown(error)) return null
    throw error
  }
}

/**
 * Media in a bucket: `<prefix><company>/<hash>`, its type in the object's own, a thumbnail beside it as `….thumbnail.jpg`.
 * A name is the hash of all bytes, which is known at their end. So what fits into one part is held until then and written
 * straight to its name; what is larger goes in parts to `<prefix>incoming/<random>`, and the service copies it to its name.
 * Nobody ever sees half a file, and no more than a part is in memory.
 */
export const openS3Media = async (tools: {
  readonly address: S3Address
  readonly log: Pick<Log, 'warn'>
  readonly timeouts?: S3Timeouts
}): Promise<MediaStore> => {
  const { address, log, timeouts = S3_TIMEOUTS } = tools
  const { bucket, prefix } = address
  const withinMs = timeouts.transferMs
  const s3 = createS3Client(address, timeouts)
  const incoming = `${prefix}incoming/`

  const nameOf = (key: string): string | null => (partsOf(key) ? `${prefix}${key}` : null)

  const look = async (name: string): Promise<MediaInfo | null> => {
    const found = await unlessUnknown(s3.ask({ does: 'HeadObject', method: 'HEAD', key: name }))
    if (!found) return null
    const { headers } = found
    return {
      size: Number(headers.get('content-length')),
      mime: headers.get('content-type') ?? 'application/octet-stream',
      storedAt: Date.parse(headers.get('last-modified') ?? ''),
    }
  }

  /** `null` when there is nothing to copy. */
  const copy = (from: string, to: string, mime: string) =>
    unlessUnknown(
      s3.ask({
        does: 'CopyObject',
        method: 'PUT',
        key: to,
        headers: {
          'x-amz-copy-source': `/${bucket}/${from}`,
          'x-amz-metadata-directive': 'REPLACE',
          'content-type': mime,
        },
        withinMs,
      }),
    )

  /** What is there already keeps its type and becomes new by being copied onto itself. */
  const renewed = async (name: string): Promise<boolean> => {
    const there = await look(name)
    return there !== null && (await copy(name, name, there.mime)) !== null
  }

  const write = (name: string, body: Buffer<ArrayBuffer>, mime: string) =>
    s3.ask({
      does: 'PutObject',
      method: 'PUT',
      key: name,
      headers: { 'content-type': mime },
      body,
      withinMs,
    })

  const remove = (name: string) => s3.ask({ does: 'DeleteObject', method: 'DELETE', key: name })

  /** What cannot be cleared now is cleared at a start after a day. */
  const undo = async (upload: MultipartUpload): Promise<void> => {
    try {
      await upload.undo()
    } catch (error) {
      log.warn({ err: error }, 'an upload to the media bucket could not be cleared away')
    }
  }

  const put: MediaStore['put'] = async (companyId, bytes, { mime, limit }) => {
    checkPut(companyId, mime)
    const hash = createHash('sha256')
    const gatherer = createGatherer(PART_BYTES)
    let size = 0
    let upload: MultipartUpload | null = null
    const sendPiece = async (): Promise<MultipartUpload> => {
      upload ??= await startMultipart(s3, incoming + randomBytes(16).toString('hex'), withinMs)
      await upload.send(gatherer.piece())
      gatherer.clear()
      return upload
    }
    try {
      for await (const chunk of bytes) {
        size += chunk.byteLength
        if (size > limit) throw new MediaTooLarge(limit)
        hash.update(chunk)
        for (let rest = chunk; rest.byteLength > 0;) {
          // Only now is it known that this piece is not the last.
          if (gatherer.full) await sendPiece()
          rest = rest.subarray(gatherer.add(rest))
        }
      }
      const sha256 = hash.digest('hex')
      const key = `${companyId}/${sha256}`
      const name = prefix + key
      if (!(await renewed(name))) {
        if (upload === null) await write(name, gatherer.piece(), mime)
        else {
          const whole = await sendPiece()
          await whole.complete()
          if ((await copy(whole.key, name, mime)) === null)
            throw new Error('the media bucket: what was uploaded is not there')
        }
      }
      return { key, sha256, size }
    } finally {
      if (upload !== null) await undo(upload)
    }
  }

  const check = async (): Promise<void> => {
    await s3.ask({
      does: 'ListObjectsV2',
      method: 'GET',
      query: { 'list-type': '2', 'max-keys': '1', prefix: incoming },
      withinMs: CHECK_MS_MAX,
      again: false,
    })
  }

  await s3.ask({ does: 'ListObjectsV2', method: 'GET', query: { 'list-type': '2', 'max-keys': '1', prefix } })
  await clearAbandoned(s3, incoming, Date.now()).catch((error: unknown) =>
    log.warn({ err: error }, 'could not look for what was left of uploads to the media bucket'),
  )

  return {
    name: 's3',
    put,
    check,
    head: async key => {
      const name = nameOf(key)
      return name === null ? null : look(name)
    },
    get: async (key, range) => {
      const name = nameOf(key)
      const info = name === null ? null : await look(name)
      if (!info || name === null) return null
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {}
      return { info, bytes: s3.read({ does: 'GetObject', method: 'GET', key: name, headers }) }
    },
    putThumbnail: async (key, jpeg) => {
      const name = nameOf(key)
      // Of what was removed meanwhile nothing is kept.
      if (name === null || !(await look(name))) return
      await write(name + THUMBNAIL, Buffer.from(jpeg), JPEG)
    },
    thumbnail: async key => {
      const name = nameOf(key)
      if (name === null) return null
      const found = await unlessUnknown(s3.ask({ does: 'GetObject', method: 'GET', key: name + THUMBNAIL }))
      return found && found.body
    },
    remove: async key => {
      const name = nameOf(key)
      if (name === null) return
      await remove(name)
      await remove(name + THUMBNAIL)
    },
  }
}
