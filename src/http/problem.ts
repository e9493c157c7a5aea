import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { REFUSALS, type Refusal, type RefusalCode } from '../commands/define.ts'

/** What only HTTP itself can refuse. */
const HTTP_PROBLEMS = {
  'bad-json': [400, 'The body is not valid JSON'],
  unauthenticated: [401, 'Log in first'],
  'token-expired': [401, 'The access token has expired'],
  'login-failed': [401, 'E-mail or password is wrong'],
  'refresh-invalid': [401, 'The refresh token is not valid'],
  'signature-invalid': [401, 'The signature is not valid'],
  'cross-site': [403, 'Refused: the request comes from another site'],
  'method-not-allowed': [405, 'This address does not know that method'],
  'company-choice': [409, 'Choose a company'],
  'unsupported-media-type': [415, 'This content type is not understood'],
  'file-refused': [415, 'Files of this type are not taken'],
  'malware-found': [422, 'Malware was found in the file'],
  'rate-limited': [429, 'Too many requests'],
  internal: [500, 'Something went wrong here'],
  /** The channel said no: something has to be put right there, or in the session. `data`: `{reason}`. */
  'channel-refused': [502, 'The channel refused to answer'],
  /** Asking again may help. `data`: `{reason}`. */
  'channel-unreachable': [503, 'The channel does not answer'],
  'not-ready': [503, 'Not ready yet'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>

/** One title for each refusal: a new refusal stops the compiler here. */
const REFUSAL_TITLES: { readonly [C in RefusalCode]: string } = {
  'not-found': 'There is no such thing',
  forbidden: 'You may not do that',
  invalid: 'Some fields are wrong',
  'idempotency-key-reused': 'The idempotency key was used for something else',
  conflict: 'Somebody changed it meanwhile',
  'ticket-taken': 'Another agent has the ticket',
  'ticket-live': 'The conversation has another live ticket',
  'ticket-not-live': 'The ticket is closed',
  'ticket-not-open': 'The ticket is not open',
  'not-retryable': 'The message cannot be sent again',
  'email-taken': 'The e-mail address is taken',
  'contact-exists': 'The contact exists already',
  'contact-erased': 'The contact was erased',
  'newer-release': 'A newer release of this server is needed',
  'in-use': 'It is still in use',
  'session-offline': 'The session is offline',
  'session-wrong-state': 'The session is in another state',
  'not-supported': 'The channel cannot do that',
  'unsupported-by-channel': 'The channel cannot carry that',
  'too-large': 'This is too large',
  'window-closed': 'Only a template may be sent now',
  'not-changeable': 'The message cannot be changed',
  quarantined: 'It is held back after repeated failures',
  busy: 'Too busy right now',
  'store-unavailable': 'The event store does not answer',
}

export type ProblemCode = RefusalCode | keyof typeof HTTP_PROBLEMS
export type Issue = { readonly path: string; readonly message: string }

/** Every code that a problem may carry, with its status. */
export const PROBLEM_STATUS = {
  ...REFUSALS,
  ...(Object.fromEntries(Object.entries(HTTP_PROBLEMS).map(([code, [status]]) => [code, status])) as {
    [C in keyof typeof HTTP_PROBLEMS]: (typeof HTTP_PROBLEMS)[C][0]
  }),
} as const satisfies Record<ProblemCode, ContentfulStatusCode>

const titleOf = (code: ProblemCode): string =>
  code in REFUSAL_TITLES
    ? REFUSAL_TITLES[code as RefusalCode]
    : HTTP_PROBLEMS[code as keyof typeof HTTP_PROBLEMS][1]

type Extras = {
  readonly issues?: readonly Issue[]
  readonly data?: Refusal['data']
  readonly choices?: readonly { companyId: string; name: string | null }[]
  readonly headers?: Record<string, string>
}

/** Thrown anywhere below a route to answer with that problem. Not a failure of the server: it is never logged as one. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly detail: string
  readonly extras: Extras
  constructor(code: ProblemCode, detail: string, extras: Extras = {}) {
    super(`${code}: ${detail}`)
    this.name = 'Problem'
    this.code = code
    this.detail = detail
    this.extras = extras
  }
}

export const notFound = (what: string): Problem => new Problem('not-found', `There is no such ${what}.`)

const RETRY_SECONDS = 1

/** A command that refuses its input names the field first: `phone: no country knows such a number.` */
const issuesOf = ({ refused, detail }: Refusal): readonly Issue[] => {
  const [, path, message] = refused === 'invalid' ? (/^([\w.]+): (.+)$/s.exec(detail) ?? []) : []
  return path !== undefined && message !== undefined ? [{ path, message }] : []
}

/** A refusal of the command door, as HTTP tells it. */
export const refusalProblem = (refusal: Refusal): Problem =>
  new Problem(refusal.refused, refusal.detail, {
    ...(refusal.data ? { data: refusal.data } : {}),
    ...(issuesOf(refusal).length > 0 ? { issues: issuesOf(refusal) } : {}),
    ...(REFUSALS[refusal.refused] === 503 ? { headers: { 'Retry-After': String(RETRY_SECONDS) } } : {}),
  })

/** Wrong fields of a body or query. The values themselves are never repeated: they may be secrets. */
export const validationProblem = (error: Pick<z.ZodError, 'issues'>, where = 'body'): Problem =>
  new Problem('invalid', `Some fields of the ${where} are wrong.`, {
    issues: error.issues.map(issue => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  })

const UNREAD_BYTES_MAX = 64 * 1024
/**
 * A refusal may come before the body was read, and the server then cuts the connection some time later. Said aloud, so
 * that no client sends its next request down a connection that is about to go.
 */
const closing = (c: Context): Record<string, string> =>
  c.req.header('transfer-encoding') !== undefined ||
  Number(c.req.header('content-length') ?? 0) > UNREAD_BYTES_MAX
    ? { Connection: 'close' }
    : {}

const headersOf = (problem: Problem): Record<string, string> => ({
  ...(PROBLEM_STATUS[problem.code] === 401 && problem.code !== 'signature-invalid'
    ? { 'WWW-Authenticate': 'Bearer' }
    : {}),
  ...problem.extras.headers,
})

/** RFC 9457. */
export const problemResponse = (c: Context, problem: Problem): Response => {
  const { issues, data, choices } = problem.extras
  const status = PROBLEM_STATUS[problem.code]
  const { code, detail } = problem
  const body = {
    type: `urn:fio:problem:${code}`,
    title: titleOf(code),
    status,
    code,
    detail,
    issues,
    data,
    choices,
  }
  return c.body(JSON.stringify(body), status, {
    ...headersOf(problem),
    ...closing(c),
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  })
}

/** What the framework throws by itself, in our own words. `null`: a surprise. */
export const knownProblem = (error: unknown): Problem | null => {
  if (error instanceof Problem) return error
  if (!(error instanceof HTTPException)) return null
  if (error.status === 400) return new Problem('bad-json', 'The body could not be read as JSON.')
  if (error.status === 413) return new Problem('too-large', 'The body is over the limit.')
  if (error.status === 415) return new Problem('unsupported-media-type', 'Send application/json.')
  return null
}
