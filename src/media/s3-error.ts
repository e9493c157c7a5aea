/** What a person can do about it, by the code of the service. */
const ADVICE: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'the key in MEDIA_URL is unknown there',
  SignatureDoesNotMatch: 'the secret in MEDIA_URL is wrong',
  AccessDenied: 'the key in MEDIA_URL may not do this',
  NoSuchBucket: 'there is no bucket of the name in MEDIA_URL',
  AuthorizationHeaderMalformed: 'the region in MEDIA_URL is wrong',
  PermanentRedirect: 'the bucket is in another region than MEDIA_URL says',
  RequestTimeTooSkewed: "this machine's clock is wrong",
  QuotaExceeded: 'the bucket is full',
}
const ADVICE_BY_STATUS: Readonly<Record<number, string>> = {
  301: 'the bucket is in another region than MEDIA_URL says',
  307: 'the bucket is in another region than MEDIA_URL says',
  401: 'the key in MEDIA_URL is not accepted',
  403: 'key or secret in MEDIA_URL are wrong, or may not do this',
}
const PASSING_CODES = ['SlowDown', 'InternalError', 'ServiceUnavailable', 'RequestTimeout', 'Throttling']
const PASSING_STATUSES = [408, 429, 500, 502, 503, 504]

/** A request to the bucket that failed. Its message names neither key nor secret. */
export class S3Error extends Error {
  /** 0 without an answer. */
  readonly status: number
  readonly code: string | null
  /** Whether the same request may well succeed in a moment. */
  readonly passing: boolean
  constructor(does: string, why: string, about: { status: number; code: string | null; passing: boolean }) {
    super(`the media bucket: ${does} ${why}`)
    this.name = 'S3Error'
    this.status = about.status
    this.code = about.code
    this.passing = about.passing
  }
}

const within = (xml: string, tag: string): string | null =>
  new RegExp(`<${tag}>([\\w.-]{1,80})</${tag}>`).exec(xml)?.[1] ?? null

/** Of what was answered; the answer to HEAD has no body to say more. */
export const refusalOf = (does: string, status: number, body: string): S3Error => {
  const code = within(body, 'Code')
  const advice = (code !== null && ADVICE[code]) || ADVICE_BY_STATUS[status]
  return new S3Error(does, `was refused: ${code ?? 'HTTP'} (${status})${advice ? `: ${advice}` : ''}`, {
    status,
    code,
    passing: PASSING_STATUSES.includes(status) || (code !== null && PASSING_CODES.includes(code)),
  })
}

/** Not asked again: it has had its time. */
export const lateness = (does: string, ms: number): S3Error =>
  new S3Error(does, `had no answer within ${ms / 1000} s`, { status: 0, code: null, passing: false })

/** Of what `fetch` throws: the reason stands in the cause of the cause. */
export const lossOf = (does: string, error: unknown): S3Error => {
  if (error instanceof S3Error) return error
  let deepest = error
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause
  const { code, message } = deepest as NodeJS.ErrnoException
  return new S3Error(does, `lost its connection: ${code ?? message}`, {
    status: 0,
    code: null,
    passing: true,
  })
}

/** There is no such file, or no such upload. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof S3Error && error.status === 404 && error.code !== 'NoSuchBucket'
