import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { principalOf, type Env, type HttpParts } from '../context.ts'
import { KEPT, mediaAnswer } from '../media-answer.ts'
import { FILE_LINK_PATH } from '../file-links.ts'
import { MEDIA_LINK_PATH } from '../media-links.ts'
import { notFound, Problem } from '../problem.ts'
import { id, json } from '../schemas.ts'

const params = z.object({ messageId: id })
const bytes = { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } }
const parts = {
  200: { description: 'The bytes', content: bytes },
  206: { description: 'The part that `Range` asks for' },
  416: { description: 'Nothing of the range lies inside the file' },
} as const

const read = createRoute({
  method: 'get',
  path: '/media/{messageId}',
  tags: ['Messages'],
  summary: "A message's file",
  request: { params },
  responses: parts,
})

const readThumbnail = createRoute({
  method: 'get',
  path: '/media/{messageId}/thumbnail',
  tags: ['Messages'],
  summary: "A small JPEG of a message's picture, made when it is first asked for",
  request: { params },
  responses: {
    200: {
      description: 'At most 320 pixels on each side',
      content: { 'image/jpeg': { schema: z.string().meta({ format: 'binary' }) } },
    },
  },
})

const makeLink = createRoute({
  method: 'get',
  path: '/media/{messageId}/link',
  tags: ['Messages'],
  summary: "A link to a message's file that needs no login for ten minutes",
  request: { params },
  responses: {
    200: json(
      z
        .object({
          url: z.string().meta({
            description:
              'Yours: it ends with its time, with your role, and when you may no longer see the message',
          }),
          expiresAt: z.iso.datetime(),
        })
        .meta({ id: 'MediaLink' }),
      'The link',
    ),
  },
})

const followLink = createRoute({
  method: 'get',
  path: `${MEDIA_LINK_PATH}/{messageId}`,
  tags: ['Messages'],
  summary: 'The file that a link of `/api/v1/media/{messageId}/link` leads to',
  security: [],
  request: {
    params,
    query: z.object({
      company: z.uuid(),
      user: z.uuid(),
      role: z.string().max(20),
      expires: z.string().regex(/^\d{1,12}$/),
      signature: z.string().max(64),
    }),
  },
  responses: parts,
})

const followShared = createRoute({
  method: 'get',
  path: `${FILE_LINK_PATH}/{messageId}`,
  tags: ['Messages'],
  summary: 'The file that a customer was sent a link to, because it was over the limit of the channel',
  security: [],
  request: {
    params,
    query: z.object({
      company: z.uuid(),
      expires: z.string().regex(/^\d{1,12}$/),
      signature: z.string().max(64),
    }),
  },
  responses: parts,
})

/** For whoever is logged in. */
export const mediaRoutes = ({ media, thumbnails, mediaLinks, readModels }: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(readThumbnail, async c => {
      const found = await readModels.media(principalOf(c), c.req.valid('param').messageId)
      const jpeg = found && (await thumbnails.of(found.key))
      if (!jpeg) throw notFound('thumbnail')
      return c.body(new Uint8Array(jpeg), 200, {
        'Content-Type': 'image/jpeg',
        'Content-Length': String(jpeg.byteLength),
        'Cache-Control': KEPT,
      })
    })
    .openapi(makeLink, async c => {
      const { messageId } = c.req.valid('param')
      const found = await readModels.media(principalOf(c), messageId)
      if (!found || !(await media.head(found.key))) throw notFound('file')
      return c.json(mediaLinks.make(principalOf(c), messageId), 200)
    })
    .openapi(read, async c => {
      const found = await readModels.media(principalOf(c), c.req.valid('param').messageId)
      return mediaAnswer(c, media, found, { download: false, cache: KEPT })
    })

/** Outside the API: the link itself says who asks. */
export const mediaLinkRoutes = ({ media, mediaLinks, fileLinks, lookups, readModels }: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(followShared, async c => {
      const { messageId } = c.req.valid('param')
      const claims = fileLinks.read(messageId, c.req.valid('query'))
      if (claims === null)
        throw new Problem('signature-invalid', 'This link was not made here, or was altered.')
      if (claims === 'expired') throw new Problem('signature-invalid', 'This link has expired.')
      const found = await lookups.sharedFile(claims.companyId, messageId)
      c.header('X-Robots-Tag', 'noindex, nofollow')
      return mediaAnswer(c, media, found, { download: true, cache: 'private, no-store' })
    })
    .openapi(followLink, async c => {
      const { messageId } = c.req.valid('param')
      const claims = mediaLinks.read(messageId, c.req.valid('query'))
      if (claims === null)
        throw new Problem('signature-invalid', 'This link was not made here, or was altered.')
      if (claims === 'expired') throw new Problem('signature-invalid', 'This link has expired.')
      const who = await lookups.principal(claims.companyId, claims.userId)
      if (!who || who.role !== claims.role)
        throw new Problem('signature-invalid', 'Whoever made this link may no longer see the file.')
      const found = await readModels.media(who, messageId)
      return mediaAnswer(c, media, found, { download: true, cache: 'private, no-store' })
    })
