import { fileURLToPath } from 'node:url'

/** Where media lie: a folder, or a bucket of a service that speaks S3. */
export type MediaAddress = FolderAddress | S3Address
export type FolderAddress = { readonly kind: 'folder'; readonly folder: string }
export type S3Address = {
  readonly kind: 's3'
  /** With scheme and port, without a path: buckets are named in the path, as every S3 service allows. */
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  /** Before every name in the bucket: empty, or with a slash at its end. */
  readonly prefix: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const DEFAULT_REGION = 'us-east-1'
const FORM = 's3://KEY:SECRET@host/bucket'
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const REGION = /^[a-z0-9-]{1,40}$/
const PREFIX = /^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)*\/?$/
const PREFIX_LENGTH_MAX = 200
const PARAMETERS = ['region', 'tls', 'prefix']

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** What is wrong, in words that repeat nothing of the value: it holds a secret. */
export const mediaAddressOf = (text: string): MediaAddress | { readonly wrong: readonly string[] } => {
  if (text.startsWith('s3:')) return s3AddressOf(text)
  if (!URL.canParse(text) || new URL(text).protocol !== 'file:')
    return { wrong: [`must be a folder such as file:///srv/media, or a bucket as ${FORM}`] }
  try {
    return { kind: 'folder', folder: fileURLToPath(text) }
  } catch {
    return { wrong: ['must be a folder of this machine, such as file:///srv/media'] }
  }
}

const s3AddressOf = (text: string): S3Address | { readonly wrong: readonly string[] } => {
  const wrong: string[] = []
  if (!URL.canParse(text))
    return { wrong: [`must have the form ${FORM}; in key and secret write / as %2F, + as %2B, % as %25`] }
  const { username, password, hostname, host, pathname, searchParams, hash } = new URL(text)
  const accessKeyId = decoded(username)
  const secretAccessKey = decoded(password)
  if (!accessKeyId || !secretAccessKey)
    wrong.push(`must name a key and its secret: ${FORM}; in them write / as %2F, + as %2B, % as %25`)
  if (hostname === '') wrong.push(`must name the host of the service: ${FORM}`)
  const bucket = pathname.replace(/^\//, '').replace(/\/$/, '')
  if (!BUCKET.test(bucket))
    wrong.push(
      `must name one bucket after the host (3 to 63 lower-case letters, digits, dots, dashes): ${FORM}; ` +
        'a folder in it is &prefix=',
    )
  const region = searchParams.get('region') ?? DEFAULT_REGION
  if (!REGION.test(region)) wrong.push(`must have a region such as ?region=${DEFAULT_REGION}`)
  const tls = searchParams.get('tls') ?? 'true'
  if (tls !== 'true' && tls !== 'false') wrong.push('must have tls=true or tls=false')
  const prefix = searchParams.get('prefix') ?? ''
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.length > PREFIX_LENGTH_MAX))
    wrong.push('must have a prefix of letters, digits, dots, dashes, with / between its parts')
  const names = [...searchParams.keys()]
  if (names.some(name => !PARAMETERS.includes(name)) || new Set(names).size < names.length || hash !== '')
    wrong.push(`must have nothing after ? but ${PARAMETERS.join(', ')}, each once`)
  if (wrong.length > 0 || !accessKeyId || !secretAccessKey) return { wrong }
  return {
    kind: 's3',
    endpoint: `${tls === 'true' ? 'https' : 'http'}://${host}`,
    bucket,
    region,
    prefix: prefix === '' ? '' : prefix.replace(/\/?$/, '/'),
    accessKeyId,
    secretAccessKey,
  }
}
