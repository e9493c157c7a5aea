import { ReadableStream as NodeStream } from 'node:stream/web'
import type { MediaStore } from '../media/port.ts'
import type { Ctx } from './context.ts'
import { notFound } from './problem.ts'
import { rangeOf } from './range.ts'

/** Shown inside the page; everything else is downloaded, so that no customer's file ever runs here. */
const SHOWN = [/^image\/(png|jpeg|gif|webp)$/, /^(audio|video)\/[\w.+-]+$/]
const SAFE_MIME = /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.,-]+)*$/
/** What a key holds never changes. */
export const KEPT = 'private, max-age=86400, immutable'

const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
const disposition = (kind: 'inline' | 'attachment', name: string | null): string =>
  name === null ? kind : `${kind}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escaped)}`

type Found = { readonly key: string; readonly mime: string; readonly name: string | null }

/** A file of the store as an answer, or the part of it that `Range` asks for. @throws Problem when it is gone */
export const mediaAnswer = async (
  c: Ctx,
  media: Pick<MediaStore, 'get' | 'head'>,
  found: Found | null,
  how: { readonly download: boolean; readonly cache: string },
) => {
  const info = found && (await media.head(found.key))
  if (!found || !info) throw notFound('file')
  const asked = rangeOf(c.req.header('range'), info.size)
  if (asked === 'outside') return c.body(null, 416, { 'Content-Range': `bytes */${info.size}` })
  const part = asked === 'whole' ? undefined : asked
  const file = await media.get(found.key, part)
  if (!file) throw notFound('file')
  const mime = SAFE_MIME.test(found.mime) ? found.mime.toLowerCase() : 'application/octet-stream'
  const bare = mime.split(';')[0] ?? ''
  const inline = !how.download && SHOWN.some(pattern => pattern.test(bare))
  const length = part ? part.end - part.start + 1 : info.size
  return c.body(NodeStream.from(file.bytes) as unknown as ReadableStream, part ? 206 : 200, {
    'Content-Type': mime,
    'Content-Length': String(length),
    ...(part ? { 'Content-Range': `bytes ${part.start}-${part.end}/${info.size}` } : {}),
    'Accept-Ranges': 'bytes',
    'Content-Disposition': disposition(inline ? 'inline' : 'attachment', found.name),
    'Cache-Control': how.cache,
  })
}
