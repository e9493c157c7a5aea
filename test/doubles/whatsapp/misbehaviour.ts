/**
 * How the server treats one account badly. Numbers count down: `drop: 2` spoils the next two and then all is well again.
 */
export type Mischief = {
  /** Deliveries that get lost on the line. WhatsApp makes them again after the next login, and so do we. */
  drop: number
  /** Deliveries that are made twice, byte for byte. */
  duplicate: number
  /** Holds so many deliveries back and then makes them last one first. */
  reorder: number
  /** Milliseconds before each delivery; their order stays. */
  delayMs: number
  /** Requests for a message that could not be opened, that nobody answers. */
  loseRetries: number
  /** Messages of the client that are taken and passed on, but never acknowledged. */
  loseAcks: number
  /** Messages of the client that are refused in the acknowledgement, with that code (463: restricted, 479: malformed). */
  refuse: { times: number; code: number }
  /** Logins that fail with that reason (401, 403, 405, 503 …). */
  refuseLogin: { times: number; code: number }
  /** Says nothing at all any more, and hears nothing; the line stays open. */
  silent: boolean
}

export const makeMischief = (): Mischief => ({
  drop: 0,
  duplicate: 0,
  reorder: 0,
  delayMs: 0,
  loseRetries: 0,
  loseAcks: 0,
  refuse: { times: 0, code: 0 },
  refuseLogin: { times: 0, code: 0 },
  silent: false,
})
