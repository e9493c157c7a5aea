import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Role } from '../../events/company.ts'
import { principalOf, type Ctx, type Env, type HttpParts } from '../context.ts'
import { Problem } from '../problem.ts'
import { json } from '../schemas.ts'

const tags = ['Audit']
const READERS: readonly Role[] = ['super-admin', 'admin', 'auditor']

const Root = z
  .object({
    ordinal: z.int(),
    place: z.string().meta({ description: 'Up to where it reaches: a position without its epoch' }),
    hash: z.string(),
    at: z.string(),
  })
  .meta({ id: 'AuditRoot' })
const Verification = z
  .object({
    root: Root.nullable(),
    publicKey: z.string().meta({ description: 'Ed25519, SPKI, base64' }),
    running: z.object({ since: z.string(), events: z.int() }).nullable(),
    failed: z.string().nullable(),
    last: z
      .object({
        ok: z.boolean(),
        at: z.string(),
        events: z.int(),
        streams: z.int(),
        root: Root.nullable(),
        findings: z.array(
          z.object({
            what: z.string(),
            stream: z.string().nullable(),
            revision: z.int().nullable(),
            position: z.string().nullable(),
            detail: z.string(),
          }),
        ),
      })
      .nullable(),
  })
  .meta({ id: 'AuditVerification' })

const read = createRoute({
  method: 'get',
  path: '/audit/verification',
  tags,
  summary: 'Whether the log is what was written: the last signed root and the last verification',
  responses: { 200: json(Verification, 'As it is now') },
})
const begin = createRoute({
  method: 'post',
  path: '/audit/verification',
  tags,
  summary: 'Sign a root and verify the whole log in the background',
  responses: { 202: json(z.object({ started: z.boolean() }), 'Begun; false: it was running already') },
})

/** @throws Problem for everybody else */
const readerOf = (c: Ctx) => {
  const who = principalOf(c)
  if (READERS.includes(who.role)) return who
  throw new Problem('forbidden', 'Only admins and auditors verify the log.')
}

export const auditRoutes = ({ audit }: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(read, async c => {
      const report = await audit.report(readerOf(c))
      const last = report.last && { ...report.last, findings: [...report.last.findings] }
      return c.json({ ...report, last }, 200)
    })
    .openapi(begin, c => {
      readerOf(c)
      return c.json({ started: audit.start() }, 202)
    })
