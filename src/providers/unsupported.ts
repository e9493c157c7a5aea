import type { OutboundKind, SendResult } from './provider.ts'

/** A kind that the channel cannot carry: refused for good, before anything reaches the wire. */
export const unsupported = (kind: OutboundKind): SendResult => ({
  outcome: 'refused',
  reason: `this channel cannot send: ${kind}`,
  code: 'unsupported-kind',
  retryable: false,
})
