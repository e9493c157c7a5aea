import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { roleSchema } from '../../events/company.ts'
import { change, create, pageOf, principalOf, type Env, type HttpParts } from '../context.ts'
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../passwords.ts'
import { notFound, Problem } from '../problem.ts'
import {
  actionRoute,
  changeRoute,
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
  User,
} from '../schemas.ts'

const tag = 'Users'
const fields = {
  name: z.string().trim().min(1).max(120),
  email: z.email().max(254),
  password: z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX),
  role: roleSchema,
  queueIds: z.array(id).max(200),
}
const locale = z.enum(['pt-BR', 'en', 'es'])

const history = createRoute({
  method: 'get',
  path: '/users/{id}/history',
  tags: [tag],
  summary:
    'Everything that happened to a user, newest first, with the files that were refused; for admins and auditors',
  request: { params: idParam, query: listQuery },
  responses: { 200: json(page(HistoryEntry), 'One page') },
})

export const userRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>()
    .openapi(listRoute('/users', 'List users', tag, User, listQuery), async c =>
      c.json(pageOf(await parts.readModels.users(principalOf(c), c.req.valid('query'))), 200),
    )
    .openapi(
      createOneRoute('/users', 'Create a user', tag, z.object({ ...fields, locale: locale.optional() })),
      async c => create(c, parts, 'user.create', c.req.valid('json'), made => `/users/${made}`),
    )
    .openapi(readRoute('/users/{id}', 'Read a user', tag, User), async c => {
      const user = await parts.readModels.user(principalOf(c), c.req.valid('param').id)
      if (!user) throw notFound('user')
      return c.json(user, 200)
    })
    .openapi(history, async c => {
      const who = principalOf(c)
      const { id: userId } = c.req.valid('param')
      if (!(await parts.readModels.user(who, userId))) throw notFound('user')
      const found = await parts.readModels.userHistory(who, userId, c.req.valid('query'))
      if (!found) throw new Problem('forbidden', 'Only admins and auditors read what happened to a user.')
      return c.json(pageOf(found), 200)
    })
    .openapi(
      changeRoute(
        '/users/{id}',
        'Change a user; a new password ends every login',
        tag,
        z.object({ ...fields, locale }).partial(),
      ),
      async c => {
        const answer = await change(c, parts, 'user.change', {
          ...c.req.valid('json'),
          ...c.req.valid('param'),
        })
        parts.auth.forget(principalOf(c).companyId, c.req.valid('param').id)
        return answer
      },
    )
    .openapi(removeRoute('/users/{id}', 'Deactivate a user', tag), async c => {
      const answer = await change(c, parts, 'user.deactivate', c.req.valid('param'))
      await parts.auth.revokeAll(principalOf(c).companyId, c.req.valid('param').id)
      return answer
    })
    .openapi(actionRoute('/users/{id}/deactivate', 'Deactivate a user; every login ends', tag), async c => {
      const answer = await change(c, parts, 'user.deactivate', c.req.valid('param'))
      await parts.auth.revokeAll(principalOf(c).companyId, c.req.valid('param').id)
      return answer
    })
    .openapi(actionRoute('/users/{id}/reactivate', 'Reactivate a user', tag), async c => {
      const answer = await change(c, parts, 'user.reactivate', c.req.valid('param'))
      parts.auth.forget(principalOf(c).companyId, c.req.valid('param').id)
      return answer
    })
