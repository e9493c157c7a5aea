import { expect } from 'vitest'
import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import type { DecidedFact } from '../../src/actors/aggregate.ts'
import type { Kind, StateOf } from '../../src/actors/kind.ts'
import { isRefusal, type Refusal, type RefusalCode } from '../../src/commands/define.ts'
import type { Role } from '../../src/events/company.ts'
import type { DomainEvent, EventType } from '../../src/events/all.ts'
import type { FactMeta } from '../../src/events/define.ts'
import type { Principal, SystemPrincipal, UserPrincipal } from '../../src/events/principal.ts'
import { derivedId, type CompanyId, type QueueId, type UserId } from '../../src/shared/ids.ts'

/**
 * Stories about one actor: facts go through the real chart, a pure decision is made, its answer is held against what
 * the rule says. Facts that a decision records are sent through the chart too: an illegal one fails the story.
 */

/** The same name is the same id, in every test. */
export const idOf = (name: string): string => derivedId('story', name)
export const COMPANY = idOf('company') as CompanyId
/** When the decision of a story is made, unless it says otherwise; facts of the past are an hour older. */
export const NOW = '2026-03-02T12:00:00.000Z'
export const BEFORE = '2026-03-02T11:00:00.000Z'

export const user = (role: Role, name: string = role, ...queues: string[]): UserPrincipal => ({
  kind: 'user',
  companyId: COMPANY,
  userId: idOf(name) as UserId,
  role,
  queueIds: queues.map(queue => idOf(queue) as QueueId),
})
export const server: SystemPrincipal = {
  kind: 'system',
  companyId: COMPANY,
  actor: { kind: 'system', id: 'test' },
}

/** A fact as a story tells it: the chart never sees a personal part, so stories may leave it out. */
export type Told<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K
    readonly data: Omit<Extract<DomainEvent, { type: K }>['data'], 'personal'>
    readonly at?: string
    readonly meta?: Partial<FactMeta>
  }
}[T]

const metaOf = (told: Told): FactMeta => ({
  companyId: COMPANY,
  actor: server.actor,
  at: told.at ?? BEFORE,
  commandId: idOf('some command'),
  correlationId: 'story',
  schema: 1,
  prev: '',
  ...told.meta,
})

/** The state after these facts. Fails where the chart does not allow one. */
export const after = <K extends Kind>(kind: K, ...facts: readonly Told[]): StateOf<K> => {
  const chart: AnyStateMachine = kind.chart
  let [state] = initialTransition(chart) as [AnyMachineSnapshot, unknown]
  for (const [revision, told] of facts.entries()) state = next(chart, state, told, revision)
  return state as StateOf<K>
}

const next = (
  chart: AnyStateMachine,
  state: AnyMachineSnapshot,
  told: Told,
  revision: number,
): AnyMachineSnapshot => {
  const { personal: _, ...data } = told.data as { personal?: unknown }
  const fact = { type: told.type, data, meta: metaOf(told), id: idOf(`fact ${revision}`), revision }
  if (!state.can(fact)) throw new Error(`${told.type} cannot follow ${JSON.stringify(state.value)}`)
  const [following] = transition(chart, state, fact) as [AnyMachineSnapshot, unknown]
  return following
}

type Decide<S, In> = (state: S, input: In, who: Principal, at: string) => readonly DecidedFact[] | Refusal

type Story<K extends Kind> = {
  when<In>(
    decide: Decide<StateOf<K>, In> | { readonly decide: Decide<StateOf<K>, In> },
    input: In,
    who: Principal,
    at?: string,
  ): Ending
}

type Ending = {
  /** Exactly these facts, in this order; of each at least the data that is given. Answers them. */
  recorded(facts: readonly { type: EventType; data?: object }[]): readonly DecidedFact[]
  /** The decision found that there is nothing to do. */
  nothing(): void
  refused(code: RefusalCode, data?: Refusal['data']): void
}

export const given = <K extends Kind>(kind: K, ...facts: readonly Told[]): Story<K> => ({
  when: (decide, input, who, at = NOW) => {
    const state = after(kind, ...facts)
    const answer = (typeof decide === 'function' ? decide : decide.decide)(state, input, who, at)
    const recorded = (expected: readonly { type: EventType; data?: object }[]): readonly DecidedFact[] => {
      expect(answer, 'a decision, not a refusal').toBeInstanceOf(Array)
      const decided = answer as readonly DecidedFact[]
      expect(decided.map(fact => fact.type)).toEqual(expected.map(fact => fact.type))
      for (const [i, fact] of expected.entries()) expect(decided[i]?.data).toMatchObject(fact.data ?? {})
      after(kind, ...facts, ...(decided as readonly Told[]))
      return decided
    }
    return {
      recorded,
      nothing: () => void recorded([]),
      refused: (code, data) => {
        expect(isRefusal(answer), `refused with ${code}, not ${JSON.stringify(answer)}`).toBe(true)
        expect(answer).toMatchObject({ refused: code, ...(data ? { data } : {}) })
      },
    }
  },
})
