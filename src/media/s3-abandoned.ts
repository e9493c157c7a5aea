import type { S3Client } from './s3-client.ts'
import { abortMultipart } from './s3-multipart.ts'

/** No upload takes that long: whoever began it is dead. */
const ABANDONED_HOURS = 24

const blocks = (xml: string, tag: string): string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, inner = '']) => inner)

const text = (xml: string, tag: string): string => blocks(xml, tag)[0] ?? ''

/**
 * Removes what processes that died left of their uploads. Others may be at work in the same bucket, so only what is old
 * goes; a thousand of each kind at most, the next start goes on.
 */
export const clearAbandoned = async (s3: S3Client, prefix: string, now: number): Promise<number> => {
  const isOld = (at: string): boolean => now - Date.parse(at) > ABANDONED_HOURS * 3_600_000
  const uploads = await s3.ask({
    does: 'ListMultipartUploads',
    method: 'GET',
    query: { uploads: '', prefix },
  })
  const files = await s3.ask({
    does: 'ListObjectsV2',
    method: 'GET',
    query: { 'list-type': '2', prefix },
  })
  // What has another name than ours is not ours to remove.
  const isOurs = (key: string): boolean =>
    key.startsWith(prefix) && /^[0-9a-f]{32}$/.test(key.slice(prefix.length))
  let removed = 0
  for (const upload of blocks(uploads.body.toString(), 'Upload')) {
    const key = text(upload, 'Key')
    if (!isOurs(key) || !isOld(text(upload, 'Initiated'))) continue
    await abortMultipart(s3, key, text(upload, 'UploadId'))
    removed++
  }
  for (const file of blocks(files.body.toString(), 'Contents')) {
    const key = text(file, 'Key')
    if (!isOurs(key) || !isOld(text(file, 'LastModified'))) continue
    await s3.ask({ does: 'DeleteObject', method: 'DELETE', key })
    removed++
  }
  return removed
}
