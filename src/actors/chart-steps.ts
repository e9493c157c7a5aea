import { createActor, type AnyActorScope, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import type { SealedFact } from '../eventstore/codec.ts'

/**
 * The steps of a chart, taken one by one as pure functions: snapshot and fact in, snapshot out.
 *
 * A running XState actor brings a system, a mailbox, a scheduler and sets of observers: some 5 kB, for each of tens of
 * thousands who hear one fact an hour. XState's own `transition()` makes such an actor anew for every step. Our charts
 * hold nothing but states and assignments, so all actors of a kind take their steps in the surroundings of one, which
 * is never started (docs/decisions/0022).
 */
export type ChartSteps = {
  initial(): AnyMachineSnapshot
  restored(state: object): AnyMachineSnapshot
  /** The very snapshot that it was given where the chart has no transition for the fact. */
  next(snapshot: AnyMachineSnapshot, fact: SealedFact): AnyMachineSnapshot
  /** Plain JSON. */
  persisted(snapshot: AnyMachineSnapshot): object
}

const nobody = (): never => {
  throw new Error('a chart of facts does nothing but assign')
}

const scopeOf = (chart: AnyStateMachine): AnyActorScope => {
  const self = createActor(chart)
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: nobody,
    defer: nobody,
    emit: nobody,
    stopChild: nobody,
    actionExecutor: nobody,
  }
}

const known = new WeakMap<AnyStateMachine, ChartSteps>()

export const chartSteps = (chart: AnyStateMachine): ChartSteps => {
  const made = known.get(chart)
  if (made) return made
  const scope = scopeOf(chart)
  const steps: ChartSteps = {
    initial: () => chart.getInitialSnapshot(scope),
    restored: state => chart.restoreSnapshot(state as AnyMachineSnapshot, scope),
    next: (snapshot, fact) => chart.transition(snapshot, fact, scope),
    persisted: snapshot => chart.getPersistedSnapshot(snapshot),
  }
  known.set(chart, steps)
  return steps
}
