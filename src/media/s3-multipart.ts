import type { S3Client } from './s3-client.ts'
import { isUnknown } from './s3-error.ts'

export type MultipartUpload = {
  readonly key: string
  /** One after the other. */
  send(part: Buffer<ArrayBuffer>): Promise<void>
  complete(): Promise<void>
  /** Removes whatever there is of it: the parts, or the file they became, since an answer may have been lost. */
  undo(): Promise<void>
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Ends an upload and drops its parts; one that is no longer there is as good. */
export const abortMultipart = async (s3: S3Client, key: string, uploadId: string): Promise<void> => {
  try {
    await s3.ask({ does: 'AbortMultipartUpload', method: 'DELETE', key, query: { uploadId } })
  } catch (error) {
    if (!isUnknown(error)) throw error
  }
}

/** Starts an upload in parts to this key. */
export const startMultipart = async (
  s3: S3Client,
  key: string,
  transferMs: number,
): Promise<MultipartUpload> => {
  const started = await s3.ask({
    does: 'CreateMultipartUpload',
    method: 'POST',
    key,
    query: { uploads: '' },
  })
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(started.body.toString())?.[1]
  if (uploadId === undefined) throw new Error('the media bucket: CreateMultipartUpload named no upload')
  const tags: string[] = []
  let complete = false
  return {
    key,
    send: async part => {
      const { headers } = await s3.ask({
        does: 'UploadPart',
        method: 'PUT',
        key,
        query: { partNumber: String(tags.length + 1), uploadId },
        body: part,
        withinMs: transferMs,
      })
      tags.push(headers.get('etag') ?? '')
    },
    complete: async () => {
      const parts = tags.map(
        (tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`,
      )
      await s3.ask({
        does: 'CompleteMultipartUpload',
        method: 'POST',
        key,
        query: { uploadId },
        headers: { 'content-type': 'application/xml' },
        body: Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`),
        withinMs: transferMs,
      })
      complete = true
    },
    undo: async () => {
      if (!complete) await abortMultipart(s3, key, uploadId)
      await s3.ask({ does: 'DeleteObject', method: 'DELETE', key })
    },
  }
}
