import { NO_CODE, type GraphAnswer } from './graph.ts'

/**
 * What the error codes of Messenger's and Instagram's sending mean for trying again. Source: "Error codes" of the
 * Messenger Platform documentation. Where a code is not listed, the message is not sent again by itself.
 */
export type PageVerdict =
  | {
      readonly outcome: 'refused'
      readonly reason: string
      /** A code of ours, where the engine and its screens know what it means. */
      readonly code?: string
      readonly retryable: boolean
      readonly retryAfterMs?: number
      /** The whole connection is over: nobody should try again before a person has looked. */
      readonly fatal?: 'failed' | 'restricted'
    }
  /** Meta says itself that it may have been carried out. */
  | { readonly outcome: 'unknown'; readonly reason: string }

const refused = (reason: string): PageVerdict => ({ outcome: 'refused', reason, retryable: false })
const throttled = (reason: string, retryAfterMs: number): PageVerdict => ({
  outcome: 'refused',
  reason,
  retryable: true,
  retryAfterMs,
})
const closed: PageVerdict = {
  outcome: 'refused',
  reason: 'outside-24-hour-window',
  code: 'window-closed',
  retryable: false,
}
const credentials: PageVerdict = {
  outcome: 'refused',
  reason: 'credentials-rejected',
  retryable: false,
  fatal: 'failed',
}
const unavailable = refused('recipient-unavailable')
const rateLimited = throttled('rate-limited', 60_000)

/** A subcode says more than its code, whatever code it comes with. */
const SUBCODES: Readonly<Record<number, PageVerdict>> = {
  1545041: unavailable,
  2018001: refused('recipient-unknown'),
  2018065: closed,
  2018108: closed,
  2018278: closed,
  2534022: closed,
  2018028: refused('recipient-not-allowed'),
  2018047: refused('media-upload-failed'),
  2018074: refused('media-upload-failed'),
  2018109: refused('media-too-large'),
  2018007: refused('media-upload-failed'),
}

const CODES: Readonly<Record<number, PageVerdict>> = {
  // Documented to be answered for messages that were sent all the same.
  1: { outcome: 'unknown', reason: 'channel-error' },
  2: { outcome: 'unknown', reason: 'channel-error' },
  4: rateLimited,
  9: rateLimited,
  17: rateLimited,
  32: rateLimited,
  613: rateLimited,
  80006: rateLimited,
  3: refused('permission-missing'),
  10: refused('permission-missing'),
  100: refused('invalid-parameter'),
  102: credentials,
  190: credentials,
  230: refused('permission-missing'),
  368: { outcome: 'refused', reason: 'account-restricted', retryable: false, fatal: 'restricted' },
  551: unavailable,
  1200: throttled('channel-unavailable', 5_000),
  2018278: closed,
  1545041: unavailable,
  2018001: refused('recipient-unknown'),
}

/** What to make of one of Meta's refusals; the HTTP status only where a gateway answered without a code. */
export const pageVerdictOf = (answer: Extract<GraphAnswer, { outcome: 'refused' }>): PageVerdict => {
  const { code, subcode, status } = answer
  if (code === NO_CODE) {
    if (status === 401) return credentials
    return status === 429 ? rateLimited : refused(`http-${status}`)
  }
  return (
    (subcode === undefined ? undefined : SUBCODES[subcode]) ??
    CODES[code] ??
    refused(code >= 200 && code <= 299 ? 'permission-missing' : 'refused')
  )
}
