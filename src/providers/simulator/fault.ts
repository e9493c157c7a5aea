import type { Fault } from './frames.ts'

/** Why the simulated network did not do what a phone asked. `session-offline` and `not-acknowledged`: kept, and delivered later as late. */
export class SimulatorFault extends Error {
  readonly code: Fault
  constructor(code: Fault, reason: string) {
    super(reason)
    this.name = 'SimulatorFault'
    this.code = code
  }
}
