/**
 * What Meta's error codes mean for trying again. Source: "Error codes" of the WhatsApp Business Platform documentation.
 * Where a code is not listed, the message is not sent again by itself.
 */
export type Verdict = {
  readonly reason: string
  readonly retryable: boolean
  readonly retryAfterMs?: number
  readonly fatal?: Fatal
}
/** The whole connection is over: nobody should try again before a person has looked. */
type Fatal = 'failed' | 'restricted'

const throttled = (reason: string, retryAfterMs: number): Verdict => ({
  reason,
  retryable: true,
  retryAfterMs,
})
const refused = (reason: string): Verdict => ({ reason, retryable: false })

const VERDICTS: Readonly<Record<number, Verdict>> = {
  0: { reason: 'credentials-rejected', retryable: false, fatal: 'failed' },
  190: { reason: 'credentials-rejected', retryable: false, fatal: 'failed' },
  3: refused('permission-missing'),
  10: refused('permission-missing'),
  33: refused('phone-number-unknown'),
  100: refused('invalid-parameter'),
  368: { reason: 'account-restricted', retryable: false, fatal: 'restricted' },
  131031: { reason: 'account-locked', retryable: false, fatal: 'restricted' },
  4: throttled('rate-limited', 60_000),
  80007: throttled('rate-limited', 60_000),
  130429: throttled('rate-limited', 10_000),
  131056: throttled('pair-rate-limited', 6_000),
  131048: refused('spam-rate-limited'),
  131000: throttled('channel-error', 5_000),
  131016: throttled('channel-unavailable', 30_000),
  131057: throttled('channel-in-maintenance', 60_000),
  130472: refused('recipient-in-experiment'),
  130497: refused('country-restricted'),
  131005: refused('permission-missing'),
  131008: refused('invalid-parameter'),
  131009: refused('invalid-parameter'),
  131021: refused('recipient-is-sender'),
  131026: refused('undeliverable'),
  131030: refused('recipient-not-allowed'),
  131037: refused('display-name-not-approved'),
  131042: refused('payment-problem'),
  131045: refused('phone-number-not-registered'),
  131047: refused('outside-24-hour-window'),
  131049: refused('not-delivered-by-policy'),
  131050: refused('recipient-opted-out'),
  131051: refused('unsupported-message-type'),
  131052: refused('media-download-failed'),
  131053: refused('media-upload-failed'),
  131062: refused('recipient-needs-phone-number'),
  133010: refused('phone-number-not-registered'),
}

/** What to make of one of Meta's error codes. */
export const verdictOf = (code: number): Verdict =>
  VERDICTS[code] ?? (code >= 200 && code <= 299 ? refused('permission-missing') : refused('refused'))
