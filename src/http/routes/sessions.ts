import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { PACING, PROVIDERS, providerKind, sessionStatus, type ProviderKind } from '../../events/session.ts'
import { ask, bodyOf, change, create, pageOf, principalOf, type Env, type HttpParts } from '../context.ts'
import { Capabilities, capabilitiesView } from '../channel-schemas.ts'
import { notFound, Problem } from '../problem.ts'
import {
  actionRoute,
  body,
  changeRoute,
  CommandAnswer,
  createOneRoute,
  HistoryEntry,
  id,
  idParam,
  json,
  listQuery,
  listRoute,
  page,
  readRoute,
  removeRoute,
  Session,
  SessionActivity,
} from '../schemas.ts'

const tag = 'Sessions'
const secret = z.string().min(1).max(4096).optional().meta({ writeOnly: true })
/** Meta's ids are digits; nothing that could not be part of a path is taken. */
const metaId = z.string().regex(/^[\w-]{1,64}$/, 'must be an id that Meta gave')
const settings = z.object({
  reopenPolicy: z.enum(['reopen', 'new', 'same-agent']).optional(),
  reopenMinutes: z.int().min(0).max(525_600).optional(),
  phoneNumberId: metaId.optional(),
  businessAccountId: metaId.optional(),
  pageId: metaId.optional(),
  humanAgentTag: z.boolean().optional(),
  rejectCalls: z
    .object({ text: z.string().trim().min(1).max(1_000).nullable() })
    .nullable()
    .optional()
    .meta({ description: 'Linked devices: calls are turned away, with these words; null: they ring' }),
  historySync: z
    .boolean()
    .optional()
    .meta({ description: 'Linked devices: chats of before the link are taken over as it is linked' }),
  importContacts: z
    .boolean()
    .optional()
    .meta({ description: "Linked devices: names of the phone's address book are taken over" }),
  pacing: z.enum(PACING).optional().meta({
    description: 'How what is sent is spaced; absent: `normal` for linked devices, `off` for others',
  }),
  accessToken: secret,
  pageAccessToken: secret,
  appSecret: secret,
  verifyToken: secret,
})
const fields = {
  name: z.string().trim().min(1).max(120),
  queueIds: z.array(id).max(200),
}
const created = z.object({
  ...fields,
  provider: providerKind,
  queueIds: fields.queueIds.default([]),
  settings: settings.default({}),
  isDefault: z.boolean().optional(),
})
const changed = z.object({ ...fields, settings, isDefault: z.boolean() }).partial()

const qr = createRoute({
  method: 'get',
  path: '/sessions/{id}/qr',
  tags: [tag],
  summary: 'The QR code that the session shows right now; `qr` is null when it shows none',
  request: { params: idParam },
  responses: {
    200: json(
      z.object({
        status: sessionStatus,
        qr: z.string().nullable(),
        expiresAt: z.iso.datetime().nullable(),
        /** The code that was asked for, to be typed into the phone, while it can be. */
        pairingCode: z.object({ pairingCode: z.string(), expiresAt: z.iso.datetime() }).nullable(),
        /** When a lost connection is tried again, and for the how many-eth time. */
        retry: z.object({ attempt: z.int(), attemptsMax: z.int(), expiresAt: z.iso.datetime() }).nullable(),
      }),
      'What there is to scan',
    ),
  },
})

const pairingCode = createRoute({
  method: 'post',
  path: '/sessions/{id}/pairing-code',
  tags: [tag],
  summary: 'Ask for a code to type into the phone instead of scanning',
  description:
    'For admins, while the session is `awaiting-scan`. The code comes live as `whatsappSession` with `action: pairingCode`, ' +
    'and stands in `GET /sessions/{id}/qr`. A channel that is not linked by a code answers `unsupported-by-channel`.',
  request: { params: idParam, body: body(z.object({ phone: z.string().trim().min(1).max(40) })) },
  responses: { 202: json(CommandAnswer, 'Asked for') },
})

const retry = createRoute({
  method: 'post',
  path: '/sessions/{id}/retry',
  tags: [tag],
  summary: 'Try a lost connection again now instead of after its pause',
  description:
    'For admins, while the session is `reconnecting`. When the next attempt comes by itself is told live as ' +
    '`whatsappSession` with `action: retry` (`expiresAt` is its time), and stands in `GET /sessions/{id}/qr`.',
  request: { params: idParam },
  responses: { 202: json(CommandAnswer, 'It is tried') },
})

const channels = createRoute({
  method: 'get',
  path: '/channels',
  tags: [tag],
  summary: 'The channels that this server has, and what each can carry',
  responses: {
    200: json(
      z.object({ items: z.array(z.object({ provider: providerKind, capabilities: Capabilities })) }),
      'All of them',
    ),
  },
})

/** A session with what its channel can carry. */
const withCapabilities = <S extends { readonly provider: ProviderKind }>(parts: HttpParts, session: S) => {
  const known = parts.capabilities(session.provider)
  return known ? { ...session, capabilities: capabilitiesView(known) } : session
}

const history = createRoute({
  method: 'get',
  path: '/sessions/{id}/history',
  tags: [tag],
  summary: 'Everything that happened to a session, newest first; for admins, supervisors and auditors',
  request: { params: idParam, query: listQuery },
  responses: { 200: json(page(HistoryEntry), 'One page') },
})

const activity = createRoute({
  method: 'get',
  path: '/sessions/{id}/activity',
  tags: [tag],
  summary: 'How busy a session is, what its pacing allows now, and how often it was away',
  description: 'For admins, supervisors and auditors. From what is recorded here; the channel is not asked.',
  request: { params: idParam },
  responses: { 200: json(SessionActivity, 'As it is now') },
})

export const sessionRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(channels, c => {
      const items = PROVIDERS.flatMap(provider => {
        const known = parts.capabilities(provider)
        return known ? [{ provider, capabilities: capabilitiesView(known) }] : []
      })
      return c.json({ items }, 200)
    })
    .openapi(listRoute('/sessions', 'List sessions', tag, Session, listQuery), async c => {
      const found = pageOf(await parts.readModels.sessions(principalOf(c), c.req.valid('query')))
      return c.json({ ...found, items: found.items.map(one => withCapabilities(parts, one)) }, 200)
    })
    .openapi(
      createOneRoute('/sessions', 'Create a session; secrets are never given back', tag, created),
      async c => create(c, parts, 'session.create', c.req.valid('json'), made => `/sessions/${made}`),
    )
    .openapi(readRoute('/sessions/{id}', 'Read a session', tag, Session), async c => {
      const session = await parts.readModels.session(principalOf(c), c.req.valid('param').id)
      if (!session) throw notFound('session')
      return c.json(withCapabilities(parts, session), 200)
    })
    .openapi(changeRoute('/sessions/{id}', 'Change a session', tag, changed), async c =>
      change(c, parts, 'session.change', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(removeRoute('/sessions/{id}', 'Remove a session', tag), async c =>
      change(c, parts, 'session.remove', c.req.valid('param')),
    )
    .openapi(actionRoute('/sessions/{id}/start', 'Connect, and stay connected', tag), async c =>
      change(c, parts, 'session.start', c.req.valid('param')),
    )
    .openapi(actionRoute('/sessions/{id}/stop', 'Disconnect without logging out', tag), async c =>
      change(c, parts, 'session.stop', c.req.valid('param')),
    )
    .openapi(actionRoute('/sessions/{id}/restart', 'Disconnect and connect again', tag), async c =>
      change(c, parts, 'session.restart', c.req.valid('param')),
    )
    .openapi(
      actionRoute('/sessions/{id}/logout', 'Log out of the channel and forget its credentials', tag),
      async c => change(c, parts, 'session.logout', c.req.valid('param')),
    )
    .openapi(pairingCode, async c => {
      const asked = await ask(c, parts, 'session.requestPairingCode', {
        ...c.req.valid('json'),
        ...c.req.valid('param'),
      })
      return c.json(bodyOf(asked), 202)
    })
    .openapi(retry, async c => {
      const asked = await ask(c, parts, 'session.retryNow', c.req.valid('param'))
      return c.json(bodyOf(asked), 202)
    })
    .openapi(qr, async c => {
      const who = principalOf(c)
      const session = await parts.readModels.session(who, c.req.valid('param').id)
      if (!session) throw notFound('session')
      if (who.role !== 'admin' && who.role !== 'super-admin') {
        throw new Problem('forbidden', 'Only admins may link a session.')
      }
      const shown = parts.codes.current(who.companyId, session.id)
      const scanned = shown.find(one => one.action === 'qr')
      const typed = shown.find(one => one.action === 'pairingCode')
      const next = shown.find(one => one.action === 'retry')
      return c.json(
        {
          status: session.status,
          qr: scanned?.qr ?? null,
          expiresAt: scanned?.expiresAt ?? null,
          pairingCode: typed ? { pairingCode: typed.pairingCode, expiresAt: typed.expiresAt } : null,
          retry: next
            ? { attempt: next.attempt, attemptsMax: next.attemptsMax, expiresAt: next.expiresAt }
            : null,
        },
        200,
      )
    })
    .openapi(activity, async c => {
      const who = principalOf(c)
      const { id: sessionId } = c.req.valid('param')
      if (!(await parts.readModels.session(who, sessionId))) throw notFound('session')
      const at = new Date(parts.clock.now()).toISOString()
      const found = await parts.readModels.sessionActivity(who, sessionId, at)
      if (!found) throw new Problem('forbidden', 'Only those who answer for a session see how it does.')
      return c.json(found, 200)
    })
    .openapi(history, async c => {
      const who = principalOf(c)
      const { id: sessionId } = c.req.valid('param')
      if (!(await parts.readModels.session(who, sessionId))) throw notFound('session')
      const found = await parts.readModels.sessionHistory(who, sessionId, c.req.valid('query'))
      if (!found) throw new Problem('forbidden', 'Only those who answer for a session read its past.')
      return c.json(pageOf(found), 200)
    })
