import { z } from 'zod'
import { MediaTooLarge } from '../../shared/media-limits.ts'
import type { Graph } from '../meta/graph.ts'

/** WhatsApp's own limit for a document; nothing bigger comes in. */
export const CLOUD_MEDIA_BYTES_MAX = 100 * 1024 * 1024
const MEDIA_WAIT_MS = 120_000

const described = z.looseObject({
  url: z.url(),
  mime_type: z.string().default('application/octet-stream'),
  file_size: z.coerce.number().optional(),
})

/**
 * The bytes of a received file: its id gives an address that lives for minutes, the address gives the bytes. The token
 * goes only to https or to the Graph server itself.
 * @throws Error when Meta no longer has it; MediaTooLarge before a byte of it came, or while its bytes do.
 */
export const fetchCloudMedia = async (
  graph: Graph,
  options: { graphUrl: string; token: string; phoneNumberId: string; limit?: number },
  mediaId: string,
) => {
  const { limit = CLOUD_MEDIA_BYTES_MAX } = options
  const path = `${encodeURIComponent(mediaId)}?phone_number_id=${encodeURIComponent(options.phoneNumberId)}`
  const answer = await graph.get(path, options.token)
  if (answer.outcome !== 'ok') throw new Error(`media: ${answer.reason}`)
  const { url, mime_type: mime, file_size: size } = described.parse(answer.body)
  if (size !== undefined && size > limit) throw new MediaTooLarge(limit, size)
  if (new URL(url).protocol !== 'https:' && new URL(url).origin !== new URL(options.graphUrl).origin) {
    throw new Error('media: an address that is neither https nor the Graph server')
  }
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${options.token}` },
    signal: AbortSignal.timeout(MEDIA_WAIT_MS),
  })
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    throw new Error(`media: HTTP ${response.status}`)
  }
  return { mime, ...(size === undefined ? {} : { size }), bytes: upTo(response.body, limit) }
}

async function* upTo(body: AsyncIterable<Uint8Array>, limit: number): AsyncIterable<Uint8Array> {
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > limit) throw new MediaTooLarge(limit)
    yield part
  }
}
