import { createHash, randomBytes } from 'node:crypto'
import type { S3Object, S3Operation, S3Reply, S3Request, S3Upload } from './types.ts'

const PART_BYTES_MIN = 5 * 1024 * 1024
const DEFAULT_TYPE = 'binary/octet-stream'

export const errorReply = (status: number, code: string): S3Reply => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>As ordered or earned.</Message></Error>`,
})
const tagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`
const iso = (at: number): string => new Date(at).toISOString()

/** One bucket: its files, the uploads under way, and what each request does to them. */
export const createBucket = (name: string) => {
  const objects = new Map<string, S3Object>()
  const uploads = new Map<string, S3Upload>()

  const described = ({ bytes, type, at }: S3Object): Record<string, string | number> => ({
    'content-length': bytes.length,
    'content-type': type,
    'last-modified': new Date(at).toUTCString(),
    etag: tagOf(bytes),
    'accept-ranges': 'bytes',
  })

  const ranged = (object: S3Object, range: string): S3Reply => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
    const { bytes } = object
    const [start, end] = [Number(first), Math.min(Number(last), bytes.length - 1)]
    if (!(start <= end)) return errorReply(416, 'InvalidRange')
    const body = bytes.subarray(start, end + 1)
    const headers = {
      ...described(object),
      'content-length': body.length,
      'content-range': `bytes ${start}-${end}/${bytes.length}`,
    }
    return { status: 206, headers, body }
  }

  const completed = (upload: S3Upload, id: string, xml: string): S3Reply => {
    const asked = [...xml.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)]
    const parts = asked.map(([, number, tag]) => {
      const part = upload.parts.get(Number(number))
      return part?.tag === tag ? part : undefined
    })
    if (parts.length === 0 || parts.includes(undefined)) return errorReply(400, 'InvalidPart')
    const found = parts.filter(part => part !== undefined)
    if (found.slice(0, -1).some(({ bytes }) => bytes.length < PART_BYTES_MIN))
      return errorReply(400, 'EntityTooSmall')
    const bytes = Buffer.concat(found.map(part => part.bytes))
    objects.set(upload.key, { bytes, type: upload.type, at: Date.now() })
    uploads.delete(id)
    return { status: 200, body: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' }
  }

  const uploadOf = ({ key, query }: S3Request) => {
    const id = query.get('uploadId') ?? ''
    const upload = uploads.get(id)
    return upload?.key === key ? { id, upload } : null
  }
  const noUpload = errorReply(404, 'NoSuchUpload')
  const noKey = errorReply(404, 'NoSuchKey')
  const keep = (key: string, object: S3Object): void => void objects.set(key, object)

  const does: { readonly [O in S3Operation]: (request: S3Request) => S3Reply } = {
    HeadObject: ({ key }) => {
      const object = objects.get(key)
      return object ? { status: 200, headers: described(object) } : { status: 404 }
    },
    GetObject: ({ key, headers }) => {
      const object = objects.get(key)
      if (!object) return noKey
      if (headers['range'] !== undefined) return ranged(object, headers['range'])
      return { status: 200, headers: described(object), body: object.bytes }
    },
    PutObject: ({ key, headers, body }) => {
      keep(key, { bytes: body, type: headers['content-type'] ?? DEFAULT_TYPE, at: Date.now() })
      return { status: 200, headers: { etag: tagOf(body) } }
    },
    CopyObject: ({ key, headers }) => {
      const source = decodeURIComponent(headers['x-amz-copy-source'] ?? '').replace(/^\//, '')
      const from = source.startsWith(`${name}/`) ? source.slice(name.length + 1) : ''
      const object = objects.get(from)
      if (!object) return noKey
      const replaces = headers['x-amz-metadata-directive'] === 'REPLACE'
      if (from === key && !replaces) return errorReply(400, 'InvalidRequest')
      const type = replaces ? (headers['content-type'] ?? DEFAULT_TYPE) : object.type
      keep(key, { bytes: object.bytes, type, at: Date.now() })
      return { status: 200, body: '<CopyObjectResult></CopyObjectResult>' }
    },
    DeleteObject: ({ key }) => {
      objects.delete(key)
      return { status: 204 }
    },
    ListObjectsV2: ({ query }) => {
      const found = [...objects].filter(([key]) => key.startsWith(query.get('prefix') ?? ''))
      const shown = found
        .slice(0, Number(query.get('max-keys') ?? 1000))
        .map(
          ([key, { at, bytes }]) =>
            `<Contents><Key>${key}</Key><LastModified>${iso(at)}</LastModified><Size>${bytes.length}</Size></Contents>`,
        )
      return { status: 200, body: `<ListBucketResult>${shown.join('')}</ListBucketResult>` }
    },
    CreateMultipartUpload: ({ key, headers }) => {
      const id = `${randomBytes(12).toString('base64')}==`
      uploads.set(id, {
        key,
        type: headers['content-type'] ?? DEFAULT_TYPE,
        at: Date.now(),
        parts: new Map(),
      })
      const body = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`
      return { status: 200, body }
    },
    UploadPart: request => {
      const found = uploadOf(request)
      if (!found) return noUpload
      const tag = tagOf(request.body)
      found.upload.parts.set(Number(request.query.get('partNumber')), { bytes: request.body, tag })
      return { status: 200, headers: { etag: tag } }
    },
    CompleteMultipartUpload: request => {
      const found = uploadOf(request)
      return found ? completed(found.upload, found.id, request.body.toString()) : noUpload
    },
    AbortMultipartUpload: request => {
      const found = uploadOf(request)
      if (!found) return noUpload
      uploads.delete(found.id)
      return { status: 204 }
    },
    ListMultipartUploads: ({ query }) => {
      const shown = [...uploads]
        .filter(([, { key }]) => key.startsWith(query.get('prefix') ?? ''))
        .map(
          ([id, { key, at }]) =>
            `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${iso(at)}</Initiated></Upload>`,
        )
      return {
        status: 200,
        body: `<ListMultipartUploadsResult>${shown.join('')}</ListMultipartUploadsResult>`,
      }
    },
  }

  return { objects, uploads, handle: (request: S3Request): S3Reply => does[request.operation](request) }
}

/** Which request it is, or `null`. */
export const operationOf = (
  method: string,
  key: string,
  query: URLSearchParams,
  copies: boolean,
): S3Operation | null => {
  const upload = query.has('uploadId')
  if (key === '') {
    if (method !== 'GET') return null
    return query.has('uploads')
      ? 'ListMultipartUploads'
      : query.get('list-type') === '2'
        ? 'ListObjectsV2'
        : null
  }
  if (method === 'HEAD') return 'HeadObject'
  if (method === 'GET') return 'GetObject'
  if (method === 'DELETE') return upload ? 'AbortMultipartUpload' : 'DeleteObject'
  if (method === 'PUT') return upload ? 'UploadPart' : copies ? 'CopyObject' : 'PutObject'
  if (method !== 'POST') return null
  return upload ? 'CompleteMultipartUpload' : query.has('uploads') ? 'CreateMultipartUpload' : null
}
