import type { Clock } from '../../shared/clock.ts'
import type { OutboundMedia } from '../provider.ts'
import type { Circuit } from './circuit.ts'
import { metaError } from './error.ts'
import { postForm } from './upload.ts'

/**
 * What one request to the Graph API came to. `unreached`: it never left, trying again is safe. `unknown`: it may have
 * been carried out (no answer, cut, 5xx after the body was sent). `refused`: Meta said no, with its code.
 */
export type GraphAnswer =
  | { readonly outcome: 'ok'; readonly body: unknown }
  | {
      readonly outcome: 'refused'
      readonly status: number
      readonly code: number
      readonly subcode?: number
      readonly reason: string
      readonly retryAfterMs?: number
    }
  | { readonly outcome: 'unreached'; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly outcome: 'unknown'; readonly reason: string }

export type Graph = {
  get(path: string, token: string): Promise<GraphAnswer>
  post(path: string, token: string, body: object): Promise<GraphAnswer>
  /** A form with one file, streamed. @throws Error when the file could not be read. */
  upload(path: string, token: string, form: Form): Promise<GraphAnswer>
}
export type Form = {
  readonly fields: Readonly<Record<string, string>>
  /** Under which name the file goes. */
  readonly field: string
  readonly file: OutboundMedia
}

/** A file takes as long as it is big: this much on top of the usual time for each megabyte. */
const UPLOAD_MS_PER_MIB = 4_000

/** Errors of the system before anything was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])
const ANSWER_BYTES_MAX = 1024 * 1024
/** Code for refusals that carry none of Meta's. */
export const NO_CODE = -1

export const createGraph = (options: {
  graphUrl: string
  version: string
  timeoutMs: number
  circuit: Circuit
  clock: Clock
}): Graph => {
  const base = `${options.graphUrl.replace(/\/+$/, '')}/${options.version}`

  const ask = async (path: string, token: string, init: RequestInit): Promise<GraphAnswer> => {
    const wait = options.circuit.closedFor()
    if (wait > 0) return { outcome: 'unreached', reason: 'circuit-open', retryAfterMs: Math.ceil(wait) }
    const answer = await request(`${base}/${path}`, token, init, options.timeoutMs)
    if (answer.outcome === 'ok' || answer.outcome === 'refused') options.circuit.succeeded()
    else options.circuit.failed()
    return answer
  }

  const uploadWithin = async (path: string, token: string, form: Form): Promise<GraphAnswer> => {
    const wait = options.circuit.closedFor()
    if (wait > 0) return { outcome: 'unreached', reason: 'circuit-open', retryAfterMs: Math.ceil(wait) }
    const timeoutMs = options.timeoutMs + Math.ceil(form.file.size / 2 ** 20) * UPLOAD_MS_PER_MIB
    let trouble = true
    try {
      const answer = await postForm(`${base}/${path}`, token, form, timeoutMs)
      if (answer === null) return { outcome: 'unknown', reason: 'no answer to an upload' }
      trouble = answer.status >= 500
      return read(answer.status, answer.retryAfter, answer.text)
    } catch (error) {
      // Our own file: the service had no part in it.
      trouble = false
      throw error
    } finally {
      if (trouble) options.circuit.failed()
      else options.circuit.succeeded()
    }
  }

  return {
    upload: uploadWithin,
    get: (path, token) => ask(path, token, { method: 'GET' }),
    post: (path, token, body) =>
      ask(path, token, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
  }
}

const request = async (
  url: string,
  token: string,
  init: RequestInit,
  timeoutMs: number,
): Promise<GraphAnswer> => {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await textUpTo(response, ANSWER_BYTES_MAX)
    return read(response.status, response.headers.get('retry-after'), text)
  } catch (error) {
    const code = systemCode(error)
    if (code !== null && NOT_SENT.has(code)) return { outcome: 'unreached', reason: code }
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    return {
      outcome: 'unknown',
      reason: timedOut ? `no answer in ${timeoutMs} ms` : (code ?? 'the connection was cut'),
    }
  }
}

const textUpTo = async (response: Response, limit: number): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > limit) throw new Error(`an answer over ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const read = (status: number, retryAfter: string | null, text: string): GraphAnswer => {
  const body = json(text)
  if (status >= 200 && status < 300)
    return body === undefined
      ? { outcome: 'unknown', reason: 'an answer that is no JSON' }
      : { outcome: 'ok', body }
  if (status >= 500 || status === 408) return { outcome: 'unknown', reason: `HTTP ${status}` }
  const error = metaError.safeParse((body as { error?: unknown } | undefined)?.error)
  const seconds = Number(retryAfter ?? NaN)
  return {
    outcome: 'refused',
    status,
    code: error.success ? error.data.code : NO_CODE,
    ...(error.data?.error_subcode === undefined ? {} : { subcode: error.data.error_subcode }),
    reason:
      (error.success ? (error.data.error_data?.details ?? error.data.message) : undefined) ??
      `HTTP ${status}`,
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  }
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The system's error code, however deep `fetch` has wrapped it. */
const systemCode = (error: unknown): string | null => {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code } = e as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return null
}
