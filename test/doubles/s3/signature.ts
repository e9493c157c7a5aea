import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A request as it came over the wire. */
export type Signed = {
  readonly method: string
  /** Path and query, undecoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}
type Account = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string }

const SKEW_MS_MAX = 15 * 60_000
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter(pair => pair !== '')
    .map(pair => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&')

/** Signature version 4 as Amazon describes it, in header form. */
export const signatureOf = (
  request: Signed,
  signedHeaders: string,
  scope: string,
  secret: string,
): string => {
  const [path = '', query = ''] = request.target.split('?')
  const headers = signedHeaders
    .split(';')
    .map(name => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`)
  const canonical = [
    request.method,
    path,
    canonicalQuery(query),
    headers.join(''),
    signedHeaders,
    request.headers['x-amz-content-sha256'],
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`)
  return hmac(key as Buffer, toSign).toString('hex')
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/s3\/aws4_request), ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/

/** The code of S3's refusal, or `null` when the request is well signed and its body is what was signed. */
export const refusedSignature = (request: Signed, account: Account, now: number): string | null => {
  const { headers, body } = request
  const parts = AUTHORIZATION.exec(headers['authorization'] ?? '')
  if (!parts) return 'AccessDenied'
  const [, key, scope = '', region, signedHeaders = '', signature = ''] = parts
  if (key !== account.accessKeyId) return 'InvalidAccessKeyId'
  if (region !== account.region) return 'AuthorizationHeaderMalformed'
  const date = headers['x-amz-date'] ?? ''
  const at = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
  if (!(Math.abs(now - at) <= SKEW_MS_MAX) || !scope.startsWith(date.slice(0, 8)))
    return 'RequestTimeTooSkewed'
  // What is not signed could be put in by anybody on the way.
  const amazon = Object.keys(headers).filter(name => name.startsWith('x-amz-'))
  if (['host', ...amazon].some(name => !signedHeaders.split(';').includes(name))) return 'AccessDenied'
  const expected = signatureOf(request, signedHeaders, scope, account.secretAccessKey)
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) return 'SignatureDoesNotMatch'
  const hash = headers['x-amz-content-sha256'] ?? ''
  if (hash === 'UNSIGNED-PAYLOAD') return null
  if (!/^[0-9a-f]{64}$/.test(hash)) return 'NotImplemented'
  return hash === sha256(body) ? null : 'XAmzContentSHA256Mismatch'
}
