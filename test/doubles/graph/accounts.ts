import type { GraphRoute } from './types.ts'

const PAGE_MAX = 2

/** Business accounts with their templates, told in pages. */
export const createAccounts = (options: { base: () => string }) => {
  const accounts = new Map<string, { token: string; templates: object[] }>()
  const route: GraphRoute = call => {
    const [id = '', what] = call.path
    const account = accounts.get(id)
    if (!account) return false
    if (call.token !== account.token) call.fail(401, 190, 'Invalid OAuth access token.')
    else if (what !== 'message_templates' || call.method !== 'GET')
      call.fail(400, 2500, 'Unknown path components')
    else {
      const from = Number(call.query.get('after') ?? 0)
      const data = account.templates.slice(from, from + PAGE_MAX)
      const after = from + data.length
      const more = after < account.templates.length
      call.json(200, {
        data,
        paging: {
          cursors: { before: String(from), after: String(after) },
          ...(more ? { next: `${options.base()}/v23.0/${id}/message_templates?after=${after}` } : {}),
        },
      })
    }
    return true
  }
  return {
    route,
    add: (id: string, token: string, templates: object[]) => void accounts.set(id, { token, templates }),
  }
}
