/**
 * What Meta's error codes mean for trying again. Source: "Error codes" of the WhatsApp Business Platform documentation.
 * Where a code is not listed, the message is not sent again by itself.
 */
export type Verdict = {
  readonly reason: string
  readonly retryable: boolean
  readonly retryAfterMs?: number
  readonly fatal?: Fatal
  /** Our own word, where this and what we refuse ourselves are the same. */
  readonly code?: string
}
/** The whole connection is over: nobody should try again before a person has looked. */
type Fatal = 'failed' | 'restricted'

const throttled = (reason: string, retryAfterMs: number): Verdict => ({
  reason,
  retryable: true,
  retryAfterMs,
})
const refused = (reason: string): Verdict => ({ reason, retryable: false })

const fatal = (reason: string, end: Fatal): Verdict => ({ reason, retryable: false, fatal: end })
/** Every cause that has nothing to do with time or load is final; only what Meta itself calls passing is tried again. */
const VERDICTS: Readonly<Record<number, Verdict>> = {
  // authorisation
  0: fatal('credentials-rejected', 'failed'),
  190: fatal('credentials-rejected', 'failed'),
  3: refused('permission-missing'),
  10: refused('permission-missing'),
  131005: refused('permission-missing'),
  // the account and its number
  33: refused('phone-number-unknown'),
  368: fatal('account-restricted', 'restricted'),
  131031: fatal('account-locked', 'restricted'),
  130497: refused('country-restricted'),
  131037: refused('display-name-not-approved'),
  131042: refused('payment-problem'),
  131044: refused('payment-problem'),
  131045: refused('phone-number-not-registered'),
  131057: throttled('channel-in-maintenance', 60_000),
  133000: refused('phone-number-not-registered'),
  133004: throttled('channel-unavailable', 30_000),
  133005: refused('two-step-pin-wrong'),
  133006: refused('phone-number-not-verified'),
  133008: refused('two-step-pin-blocked'),
  133009: refused('two-step-pin-blocked'),
  133010: refused('phone-number-not-registered'),
  133015: refused('phone-number-deleted-lately'),
  133016: refused('registration-rate-limited'),
  134011: refused('payments-terms-not-accepted'),
  // too much
  4: throttled('rate-limited', 60_000),
  17: throttled('rate-limited', 60_000),
  32: throttled('rate-limited', 60_000),
  613: throttled('rate-limited', 60_000),
  80007: throttled('rate-limited', 60_000),
  130429: throttled('rate-limited', 10_000),
  131056: throttled('pair-rate-limited', 6_000),
  131048: refused('spam-rate-limited'),
  // the service
  1: refused('channel-error'),
  2: throttled('channel-unavailable', 30_000),
  131000: throttled('channel-error', 5_000),
  131016: throttled('channel-unavailable', 30_000),
  // the request
  100: refused('invalid-parameter'),
  131008: refused('invalid-parameter'),
  131009: refused('invalid-parameter'),
  131051: refused('unsupported-message-type'),
  131052: refused('media-download-failed'),
  131053: refused('media-upload-failed'),
  131055: refused('method-not-allowed'),
  135000: refused('invalid-parameter'),
  // the recipient
  130472: refused('recipient-in-experiment'),
  131021: refused('recipient-is-sender'),
  131026: refused('undeliverable'),
  131030: refused('recipient-not-allowed'),
  131047: { reason: 'window-closed', code: 'window-closed', retryable: false },
  131049: refused('not-delivered-by-policy'),
  131050: refused('recipient-opted-out'),
  131060: refused('message-unavailable'),
  131062: refused('recipient-needs-phone-number'),
  // templates and flows
  132000: refused('template-parameter-count'),
  132001: refused('template-unknown'),
  132005: refused('template-text-too-long'),
  132007: refused('template-against-policy'),
  132012: refused('template-parameter-format'),
  132015: refused('template-paused'),
  132016: refused('template-disabled'),
  132018: refused('template-parameter-format'),
  132068: refused('flow-blocked'),
  132069: refused('flow-throttled'),
  134100: refused('only-marketing-here'),
  134101: throttled('template-syncing', 600_000),
  134102: refused('template-unavailable'),
}

/** What to make of one of Meta's error codes. */
export const verdictOf = (code: number): Verdict =>
  VERDICTS[code] ?? (code >= 200 && code <= 299 ? refused('permission-missing') : refused('refused'))
