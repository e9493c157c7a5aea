/** What the Graph double is asked, how it may misbehave, and what it keeps. */
export type GraphRequest = { method: string; path: string; token: string | null; body: unknown }

export type GraphFault =
  | {
      kind: 'error'
      status: number
      code?: number
      subcode?: number
      message?: string
      details?: string
      retryAfter?: number
    }
  /** Takes the request and says nothing, for ever. */
  | { kind: 'silence' }
  /** Carries it out, then cuts the connection instead of answering. */
  | { kind: 'lost-answer' }

export type SentMessage = {
  id: string
  phoneNumberId: string
  to: string
  body: Record<string, unknown>
  ref: string | undefined
}

export type UploadedFile = { mime: string; name: string; bytes: Buffer }

/** One request on its way through the routes. Answering honours the fault that is on: a lost answer is cut instead. */
export type GraphCall = {
  readonly method: string
  /** What follows the version, by slashes: `['106…', 'messages']`. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly token: string | null
  /** Parsed JSON, or the fields of a form. */
  readonly body: unknown
  readonly file: UploadedFile | null
  json(status: number, body: unknown): void
  fail(status: number, code: number, message: string, details?: string, subcode?: number): void
  bytes(mime: string, bytes: Buffer): void
}

/** A part of Graph. Answers whether the call was its own. */
export type GraphRoute = (call: GraphCall) => boolean
