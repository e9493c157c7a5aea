import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { settingsFields } from '../../commands/company/settings.ts'
import { MEDIA_BYTES_MAX_LEAST } from '../../shared/media-limits.ts'
import { change, principalOf, type Env, type HttpParts } from '../context.ts'
import { body, CHANGED, json } from '../schemas.ts'

const tag = 'Settings'
const bytesMax = (what: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `Bytes of one file ${what}; null: what the installation takes` })

const Settings = z
  .object({
    inboundMediaBytesMax: bytesMax('that a customer sends'),
    outboundMediaBytesMax: bytesMax('that is uploaded or sent'),
    tellTooLarge: z
      .boolean()
      .meta({ description: 'Whether a customer is told that a file of theirs was over the limit' }),
    largeFilesAsLinks: z.boolean().meta({
      description: 'Whether a file over the limit of a channel goes out as a link that ends, or is refused',
    }),
    bounds: z.object({ mediaBytesMin: z.int(), mediaBytesMax: z.int() }).meta({
      description: 'Between which a company may choose; the greatest is the installation’s own limit',
    }),
  })
  .meta({ id: 'Settings' })

const read = createRoute({
  method: 'get',
  path: '/settings',
  tags: [tag],
  summary: 'Read what your company chose',
  responses: { 200: json(Settings, 'The settings') },
})

const write = createRoute({
  method: 'patch',
  path: '/settings',
  tags: [tag],
  summary: 'Change what your company chose; what is absent stays',
  request: { body: body(z.strictObject(settingsFields)) },
  responses: CHANGED,
})

/** What a company chose for itself: everybody in it may read it, admins change it. */
export const settingsRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(read, async c => {
      const bounds = { mediaBytesMin: MEDIA_BYTES_MAX_LEAST, mediaBytesMax: parts.mediaBytesMax }
      return c.json({ ...(await parts.readModels.companySettings(principalOf(c))), bounds }, 200)
    })
    .openapi(write, async c => change(c, parts, 'company.changeSettings', c.req.valid('json')))
