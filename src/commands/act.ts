import { createHmac } from 'node:crypto'
import type { Cause, Outcome, Transaction } from '../actors/aggregate.ts'
import type { Kind, StateOf } from '../actors/kind.ts'
import type { FactActor } from '../events/define.ts'
import { factActorOf, type Principal } from '../events/principal.ts'
import { derivedId, newId, type CommandId } from '../shared/ids.ts'
import { refused, type Answer, type AskOptions, type Refusal } from './define.ts'
import type { CommandTools } from './tools.ts'

/**
 * One command being carried out: who asks, under which command id, and the count of its decisions, from which the ids
 * of its facts follow. The same key by the same user for the same command gives the same ids.
 */
export type Act = {
  readonly tools: CommandTools
  readonly principal: Principal
  readonly commandId: CommandId
  readonly options: AskOptions
  /** Id of something that this command creates; the same for a repeated command. */
  idFor<T extends string>(what: string): T
  /** One decision on one actor. */
  transact<K extends Kind>(
    kind: K,
    id: string,
    decide: Transaction<K, Refusal>['decide'],
    conflictsWith?: readonly string[],
    /** Whether the asker may learn of a conflict. */
    mayKnow?: (state: StateOf<K>) => boolean,
  ): Promise<Outcome<K, Refusal>>
  state<K extends Kind>(
    kind: K,
    id: string,
    freshMs?: number,
  ): Promise<{ state: StateOf<K>; revision: number }>
  /** The same command, with its facts told of somebody else: a session hands in what a customer did. */
  as(actor: FactActor): Act
}

const actorIdOf = (principal: Principal): string =>
  principal.kind === 'user' ? principal.userId : principal.actor.id

/** Keyed, because inputs hold passwords and words of persons, and whoever reads the log must not be able to guess them. */
const hashOf = (key: Buffer, input: unknown): string =>
  createHmac('sha256', key).update(JSON.stringify(input)).digest('base64url').slice(0, 22)

/** Whether this very command was carried out on this actor before. What lies outside the log is not done again then. */
export const remembers = (
  { context }: { readonly context: { readonly commands: readonly { readonly id: string }[] } },
  act: Pick<Act, 'commandId'>,
): boolean => context.commands.some(({ id }) => id === act.commandId)

export const createAct = (
  tools: CommandTools,
  principal: Principal,
  name: string,
  input: unknown,
  options: AskOptions,
): Act => {
  const { companyId } = principal
  const commandId: CommandId = options.key
    ? derivedId('command', companyId, actorIdOf(principal), name, options.key)
    : newId(tools.clock.now(), tools.random)
  const cause: Omit<Cause, 'actor' | 'commandHash'> = {
    commandId,
    correlationId: options.correlationId,
    causationId: options.causationId,
    rule: options.rule,
  }
  // Only people reuse keys with other bodies; the server's own keys are derived from what they are about.
  const hashed = options.key !== undefined && principal.kind === 'user'
  let commandHash: string | undefined
  const steps = new Map<string, number>()
  const nextStep = (stream: string): number => {
    const step = steps.get(stream) ?? 0
    steps.set(stream, step + 1)
    return step
  }
  const actAs = (actor: FactActor): Act => ({
    tools,
    principal,
    commandId,
    options,
    idFor: what => derivedId(what, commandId),
    as: actAs,
    transact: async (kind, id, decide, conflictsWith, mayKnow) => {
      const step = nextStep(`${kind.type}.${id}`)
      if (hashed) commandHash ??= hashOf(await tools.tenantKey(companyId), input)
      return tools.directory.transact(
        kind,
        { company: companyId, id },
        {
          cause: { ...cause, commandHash, actor },
          step,
          decide,
          ifMatch:
            conflictsWith && options.ifMatch !== undefined
              ? { revision: options.ifMatch, conflictsWith, mayKnow }
              : undefined,
        },
      )
    },
    state: (kind, id, freshMs) => tools.directory.state(kind, { company: companyId, id }, freshMs),
  })
  return actAs(factActorOf(principal))
}

/** What the asker is told. Later appends of the same command are passed in `positions`, the highest wins. */
export const answerOf = <K extends Kind>(
  id: string,
  outcome: Outcome<K, Refusal>,
  more: { readonly positions?: readonly (string | null)[]; readonly data?: Answer['data'] } = {},
): Answer | Refusal => {
  switch (outcome.outcome) {
    case 'refused':
      return outcome.refusal
    case 'reused-key':
      return refused('idempotency-key-reused', 'This idempotency key was used before with another request.')
    case 'conflict':
      return refused('conflict', `Meanwhile: ${outcome.with.type}.`, {
        type: outcome.with.type,
        userId: outcome.with.actorId,
        at: outcome.with.at,
      })
    case 'done':
      return {
        id,
        revision: outcome.revision,
        position: [outcome.position, ...(more.positions ?? [])].reduce<string | null>(highest, null),
        duplicate: outcome.duplicate,
        ...(more.data ? { data: more.data } : {}),
      }
  }
}

const highest = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b > a) ? b : a
