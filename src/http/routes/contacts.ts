import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { change, create, pageOf, principalOf, type Env, type HttpParts } from '../context.ts'
import { notFound, Problem } from '../problem.ts'
import { ERASURE_REASONS } from '../../events/contact.ts'
import {
  actionRoute,
  body,
  CHANGED,
  changeRoute,
  Contact,
  createOneRoute,
  HistoryEntry,
  id,
  idParam,
  json,
  listQuery,
  listRoute,
  page,
  readRoute,
  text,
} from '../schemas.ts'

const tag = 'Contacts'
const name = z.string().trim().min(1).max(200)
const email = z.email().max(254).nullable()
const phone = z.string().trim().min(4).max(32)
const query = listQuery.extend({ q: text(200).optional() })

const eraseRoute = createRoute({
  method: 'post',
  path: '/contacts/{id}/erase',
  summary: 'Erase a person for good; tickets, counts and times stay',
  description:
    'Admins only. There is no way back. The answer comes once the erasure is decided, durably; the key, files, rows and dead letters follow within seconds and are repeated until they are gone.',
  tags: [tag],
  request: { params: idParam, body: body(z.object({ reason: z.enum(ERASURE_REASONS).optional() })) },
  responses: CHANGED,
})

const mergeRoute = createRoute({
  method: 'post',
  path: '/contacts/{id}/merge',
  summary: 'Say that a contact is the same person as another, which stands for both from now on',
  description:
    'Admins and supervisors. Nothing is written anew: the tickets of both are shown with `intoId`, whatever either writes comes to one conversation per session, and of two live tickets the one that was quiet for longer is closed, without a word to the customer, with the reason `merged`. Conversations are joined within seconds. Taken back with `/unmerge`.',
  tags: [tag],
  request: { params: idParam, body: body(z.object({ intoId: id })) },
  responses: CHANGED,
})

const history = createRoute({
  method: 'get',
  path: '/contacts/{id}/history',
  tags: [tag],
  summary:
    'Everything that happened to a contact, newest first: names, addresses, merges; for admins, supervisors and auditors',
  request: { params: idParam, query: listQuery },
  responses: { 200: json(page(HistoryEntry), 'One page') },
})

export const contactRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(listRoute('/contacts', 'List contacts', tag, Contact, query), async c =>
      c.json(pageOf(await parts.readModels.contacts(principalOf(c), c.req.valid('query'))), 200),
    )
    .openapi(
      createOneRoute(
        '/contacts',
        'Create a contact',
        tag,
        z.object({ name, phone: phone.optional(), email: email.optional() }),
      ),
      async c => create(c, parts, 'contact.create', c.req.valid('json'), made => `/contacts/${made}`),
    )
    .openapi(readRoute('/contacts/{id}', 'Read a contact', tag, Contact), async c => {
      const contact = await parts.readModels.contact(principalOf(c), c.req.valid('param').id)
      if (!contact) throw notFound('contact')
      return c.json(contact, 200)
    })
    .openapi(
      changeRoute(
        '/contacts/{id}',
        'Change a contact; null clears the e-mail',
        tag,
        z.object({ name, email }).partial(),
      ),
      async c => change(c, parts, 'contact.change', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(actionRoute('/contacts/{id}/block', 'Block a contact', tag), async c =>
      change(c, parts, 'contact.block', c.req.valid('param')),
    )
    .openapi(eraseRoute, async c =>
      change(c, parts, 'contact.erase', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(mergeRoute, async c =>
      change(c, parts, 'contact.merge', { ...c.req.valid('json'), ...c.req.valid('param') }),
    )
    .openapi(
      actionRoute(
        '/contacts/{id}/unmerge',
        'Say that a merged contact is a person of its own; what was written meanwhile stays where it is',
        tag,
      ),
      async c => change(c, parts, 'contact.unmerge', c.req.valid('param')),
    )
    .openapi(history, async c => {
      const who = principalOf(c)
      const { id: contactId } = c.req.valid('param')
      if (!(await parts.readModels.contact(who, contactId))) throw notFound('contact')
      const found = await parts.readModels.contactHistory(who, contactId, c.req.valid('query'))
      if (!found)
        throw new Problem(
          'forbidden',
          'Only admins, supervisors and auditors read what happened to a contact.',
        )
      return c.json(pageOf(found), 200)
    })
    .openapi(actionRoute('/contacts/{id}/unblock', 'Unblock a contact', tag), async c =>
      change(c, parts, 'contact.unblock', c.req.valid('param')),
    )
