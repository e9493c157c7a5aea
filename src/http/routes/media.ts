import { ReadableStream as NodeStream } from 'node:stream/web'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { principalOf, type Env, type HttpParts } from '../context.ts'
import { notFound } from '../problem.ts'
import { rangeOf } from '../range.ts'
import { id } from '../schemas.ts'

/** Shown inside the page; everything else is downloaded, so that no customer's file ever runs here. */
const SHOWN = [/^image\/(png|jpeg|gif|webp)$/, /^(audio|video)\/[\w.+-]+$/]
const SAFE_MIME = /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.,-]+)*$/

const read = createRoute({
  method: 'get',
  path: '/media/{messageId}',
  tags: ['Messages'],
  summary: "A message's file",
  request: { params: z.object({ messageId: id }) },
  responses: {
    200: {
      description: 'The bytes',
      content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
    },
    206: { description: 'The part that `Range` asks for' },
    416: { description: 'Nothing of the range lies inside the file' },
  },
})

const disposition = (mime: string, name: string | null): string => {
  const bare = mime.split(';')[0] ?? ''
  const kind = SHOWN.some(pattern => pattern.test(bare)) ? 'inline' : 'attachment'
  return name === null
    ? kind
    : `${kind}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escaped)}`
}
const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`

export const mediaRoutes = ({ media, readModels }: HttpParts) =>
  new OpenAPIHono<Env>().openapi(read, async c => {
    const found = await readModels.media(principalOf(c), c.req.valid('param').messageId)
    const info = found && (await media.head(found.key))
    if (!found || !info) throw notFound('file')
    const asked = rangeOf(c.req.header('range'), info.size)
    if (asked === 'outside') return c.body(null, 416, { 'Content-Range': `bytes */${info.size}` })
    const part = asked === 'whole' ? undefined : asked
    const file = await media.get(found.key, part)
    if (!file) throw notFound('file')
    const mime = SAFE_MIME.test(found.mime) ? found.mime.toLowerCase() : 'application/octet-stream'
    const length = part ? part.end - part.start + 1 : info.size
    return c.body(NodeStream.from(file.bytes) as unknown as ReadableStream, part ? 206 : 200, {
      'Content-Type': mime,
      'Content-Length': String(length),
      ...(part ? { 'Content-Range': `bytes ${part.start}-${part.end}/${info.size}` } : {}),
      'Accept-Ranges': 'bytes',
      'Content-Disposition': disposition(mime, found.name),
      'Cache-Control': 'private, max-age=86400, immutable',
    })
  })
