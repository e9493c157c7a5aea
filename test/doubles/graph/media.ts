import { randomInt } from 'node:crypto'
import type { GraphCall, GraphRoute } from './types.ts'

export type StoredMedia = { mime: string; bytes: Buffer; name?: string }

/** Files: uploaded to a number, described by their id, read at an address that wants the token as well. */
export const createMedia = (options: { base: () => string; tokens: () => readonly string[] }) => {
  const files = new Map<string, StoredMedia>()
  const route: GraphRoute = call => {
    const [id = ''] = call.path
    const file = files.get(id)
    if (!file || call.method !== 'GET' || call.path.length > 1) return false
    if (!options.tokens().includes(call.token ?? '')) call.fail(401, 190, 'Invalid OAuth access token.')
    else
      call.json(200, {
        messaging_product: 'whatsapp',
        url: `${options.base()}/media-bytes/${id}`,
        mime_type: file.mime,
        file_size: file.bytes.length,
        id,
      })
    return true
  }
  return {
    files,
    route,
    /** `/media-bytes/{id}`, which stands beside the versioned API. */
    serve(call: GraphCall) {
      const file = files.get(call.path[0] ?? '')
      if (!file || !options.tokens().includes(call.token ?? '')) call.json(404, {})
      else call.bytes(file.mime, file.bytes)
    },
    /** Keeps what was uploaded; Meta wants the product named and the type said. */
    upload(call: GraphCall) {
      const fields = (call.body ?? {}) as Record<string, unknown>
      if (fields['messaging_product'] !== 'whatsapp' || !call.file)
        return call.fail(400, 100, 'Invalid parameter', 'messaging_product and file are required')
      const id = String(randomInt(1e14, 2e14))
      files.set(id, {
        mime: typeof fields['type'] === 'string' ? fields['type'] : call.file.mime,
        bytes: call.file.bytes,
        name: call.file.name,
      })
      call.json(200, { id })
    },
  }
}
