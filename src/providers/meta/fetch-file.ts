import { MediaTooLarge } from '../../shared/media-limits.ts'

const FILE_WAIT_MS = 120_000
const REDIRECTS_MAX = 4

/** Where Meta keeps what people send. Whatever else stands in a delivery is never asked for anything. */
const HOSTS = ['fbcdn.net', 'fbsbx.com', 'cdninstagram.com', 'facebook.com', 'instagram.com'] as const

/** Whether an address is one of Meta's own, by https, or the Graph server's itself. */
export const isMetas = (address: string, graphUrl: string): boolean => {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return false
  if (url.origin === new URL(graphUrl).origin) return true
  if (url.protocol !== 'https:' || (url.port !== '' && url.port !== '443')) return false
  return HOSTS.some(host => url.hostname === host || url.hostname.endsWith(`.${host}`))
}

/**
 * The bytes at an address that Meta gave in a delivery. Each redirection is checked like the first address, and no token
 * goes along: the address is its own right to read.
 * @throws Error for an address that is not Meta's, or one that has expired; MediaTooLarge, also while the bytes come.
 */
export const fetchFile = async (
  address: string,
  options: { readonly graphUrl: string; readonly limit: number },
): Promise<{ mime: string; size?: number; bytes: AsyncIterable<Uint8Array> }> => {
  const { graphUrl, limit } = options
  const signal = AbortSignal.timeout(FILE_WAIT_MS)
  let at = address
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    if (!isMetas(at, graphUrl)) throw new Error('media: an address that is not one of Meta’s')
    const response = await fetch(at, { redirect: 'manual', signal })
    const next = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && next !== null) {
      await response.body?.cancel()
      at = URL.canParse(next, at) ? new URL(next, at).href : ''
      continue
    }
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw new Error(`media: HTTP ${response.status}`)
    }
    const length = response.headers.get('content-length')
    const size = length === null ? undefined : Number(length)
    if (size !== undefined && size > limit) {
      await response.body.cancel()
      throw new MediaTooLarge(limit, size)
    }
    return {
      mime: response.headers.get('content-type') ?? 'application/octet-stream',
      ...(size === undefined || !Number.isFinite(size) ? {} : { size }),
      bytes: upTo(response.body, limit),
    }
  }
  throw new Error(`media: more than ${REDIRECTS_MAX} redirections`)
}

async function* upTo(body: AsyncIterable<Uint8Array>, limit: number): AsyncIterable<Uint8Array> {
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > limit) throw new MediaTooLarge(limit)
    yield part
  }
}
