import { assign, type AnyStateMachine, type SnapshotFrom } from 'xstate'
import type { FactMeta } from '../events/define.ts'
import type { StreamType } from '../eventstore/streams.ts'

/**
 * What every chart's context holds besides its own: the latest commands that came with an idempotency key, so that a
 * repeated request is answered from memory that survives a restart, and the latest lifecycle facts, so that a command
 * that carries the revision its client saw can be told who came before it.
 */
export type BaseContext = {
  readonly commands: readonly { readonly id: string; readonly hash: string; readonly revision: number }[]
  readonly lifecycle: readonly {
    readonly revision: number
    readonly type: string
    readonly actorId: string
    readonly at: string
  }[]
}

export const COMMANDS_REMEMBERED_MAX = 64
export const LIFECYCLE_REMEMBERED_MAX = 16

export const baseContext: BaseContext = { commands: [], lifecycle: [] }

type AnyFact = { readonly type: string; readonly meta: FactMeta; readonly revision: number }

const last = <T>(items: readonly T[], max: number): readonly T[] =>
  items.length > max ? items.slice(-max) : items

/** A command with an idempotency key is remembered with the revision of its last fact: that is its answer. */
const withCommand = (commands: BaseContext['commands'], fact: AnyFact): BaseContext['commands'] => {
  const { commandId: id, commandHash: hash } = fact.meta
  if (hash === undefined) return commands
  const others = commands.filter(command => command.id !== id)
  return last([...others, { id, hash, revision: fact.revision }], COMMANDS_REMEMBERED_MAX)
}

const withLifecycle = (known: BaseContext['lifecycle'], fact: AnyFact): BaseContext['lifecycle'] => {
  const { actor, at } = fact.meta
  return last(
    [...known, { revision: fact.revision, type: fact.type, actorId: actor.id, at }],
    LIFECYCLE_REMEMBERED_MAX,
  )
}

/** The bookkeeping that every fact does; facts without an idempotency key cost nothing. */
const remember = (context: BaseContext, fact: AnyFact, lifecycle: boolean): Partial<BaseContext> => ({
  ...(fact.meta.commandHash === undefined ? {} : { commands: withCommand(context.commands, fact) }),
  ...(lifecycle ? { lifecycle: withLifecycle(context.lifecycle, fact) } : {}),
})

/**
 * Named actions for the facts of one chart: `on('ticket.closed', (context, fact) => changes)`, with the bookkeeping
 * that every fact does. A fact that changes nothing still needs its action: `can()` says no otherwise.
 */
export const factActions =
  <Context extends BaseContext, Fact extends AnyFact>() =>
  <T extends Fact['type']>(
    type: T,
    change: (context: Context, fact: Extract<Fact, { type: T }>) => Partial<Context> = () => ({}),
    options: { readonly lifecycle: boolean } = { lifecycle: false },
  ) => {
    const action = assign<Context, Fact, undefined, Fact, never>(({ context, event }) => {
      if (event.type !== type) throw new Error(`the action for ${type} was given ${event.type}`)
      const changes: Partial<Context> = change(context, event as Extract<Fact, { type: T }>)
      return { ...(remember(context, event, options.lifecycle) as Partial<Context>), ...changes }
    })
    // What this action does is part of what the chart is: see `machineHash`.
    return Object.assign(action, { source: `${type} ${options.lifecycle} ${String(change)}` })
  }

/** A kind of actor: where it lives and the chart that is the grammar of its facts. */
export type Kind<Chart extends AnyStateMachine = AnyStateMachine> = {
  readonly type: StreamType
  readonly chart: Chart
}

export type StateOf<K extends Kind> = SnapshotFrom<K['chart']>
