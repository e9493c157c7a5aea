/** What the protocol server can be told to do wrong. Everything is off until asked for. */
export type Faults = {
  /** Takes every request and answers none, until `recover`. */
  stall(): void
  recover(): void
  /** The next appends are stored, but their answer is lost with the connection. */
  loseAnswers(appends: number): void
  /** The next appends are refused because another node leads (it is this one, at the same address). */
  denyLeadership(appends: number): void
  /** Every append is answered this much later. */
  delayAnswers(ms: number): void
}

/** What the handlers ask before they act. */
export type FaultPlan = Faults & {
  /** Resolves at once, or when a stall ends. */
  gate(): Promise<void>
  takeLostAnswer(): boolean
  takeDenial(): boolean
  answerDelayMs(): number
}

export const makeFaults = (): FaultPlan => {
  let stalled: { promise: Promise<void>; release: () => void } | null = null
  let lost = 0
  let denied = 0
  let delayMs = 0
  return {
    stall: () => {
      let release = (): void => undefined
      const promise = new Promise<void>(resolve => (release = resolve))
      stalled ??= { promise, release }
    },
    recover: () => {
      stalled?.release()
      stalled = null
    },
    loseAnswers: appends => void (lost = appends),
    denyLeadership: appends => void (denied = appends),
    delayAnswers: ms => void (delayMs = ms),
    gate: async () => stalled?.promise,
    takeLostAnswer: () => lost > 0 && lost-- > 0,
    takeDenial: () => denied > 0 && denied-- > 0,
    answerDelayMs: () => delayMs,
  }
}
