import { setup } from 'xstate'
import { outranks, type AliasOpenFact, type ContactOpenFact, type NameSource } from '../../events/contact.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'

export type ContactContext = BaseContext & {
  readonly isGroup: boolean
  /** Keyed hash of the name that is shown, and whose it is. */
  readonly nameHash: string | null
  readonly namedBy: NameSource
  /** Of the name by each source, so that a changed name is noticed without knowing the name. */
  readonly nameHashes: Readonly<Partial<Record<NameSource, string>>>
  readonly aliasIds: readonly string[]
}

const initial: ContactContext = {
  ...baseContext,
  isGroup: false,
  nameHash: null,
  namedBy: 'channel',
  nameHashes: {},
  aliasIds: [],
}

const on = factActions<ContactContext, ContactOpenFact>()

/** The grammar of a contact: an identity with aliases, blocked or not, until it is erased. */
export const contactChart = setup({
  types: { context: {} as ContactContext, events: {} as ContactOpenFact },
  actions: {
    create: on('contact.created', (_, { data }) => ({
      isGroup: data.isGroup,
      nameHash: data.nameHash,
      namedBy: data.source,
      nameHashes: data.nameHash === null ? {} : { [data.source]: data.nameHash },
    })),
    addAlias: on('contact.aliasAdded', (context, { data }) => ({
      aliasIds: [...context.aliasIds, data.aliasId],
    })),
    rename: on('contact.renamed', (context, { data }) => ({
      ...(context.nameHash === null || outranks(data.source, context.namedBy)
        ? { nameHash: data.nameHash, namedBy: data.source }
        : {}),
      nameHashes: { ...context.nameHashes, [data.source]: data.nameHash },
    })),
    change: on('contact.changed'),
    block: on('contact.blocked'),
    unblock: on('contact.unblocked'),
    erase: on('contact.erased', () => ({ nameHash: null, nameHashes: {} })),
    completeErasure: on('contact.erasureCompleted'),
  },
}).createMachine({
  id: 'contact',
  context: initial,
  initial: 'absent',
  states: {
    absent: { on: { 'contact.created': { target: 'known', actions: 'create' } } },
    known: {
      initial: 'free',
      on: {
        'contact.aliasAdded': { actions: 'addAlias' },
        'contact.renamed': { actions: 'rename' },
        'contact.changed': { actions: 'change' },
        'contact.erased': { target: 'erased', actions: 'erase' },
      },
      states: {
        free: { on: { 'contact.blocked': { target: 'blocked', actions: 'block' } } },
        blocked: { on: { 'contact.unblocked': { target: 'free', actions: 'unblock' } } },
      },
    },
    erased: {
      initial: 'pending',
      states: {
        pending: { on: { 'contact.erasureCompleted': { target: 'completed', actions: 'completeErasure' } } },
        completed: {},
      },
    },
  },
})

export const contactKind = { type: 'contact', chart: contactChart } as const satisfies Kind
export type ContactState = ReturnType<typeof contactChart.getInitialSnapshot>

type AliasContext = BaseContext & {
  readonly contactId: string | null
  /** How many contacts it outlived. */
  readonly released: number
}
const onAlias = factActions<AliasContext, AliasOpenFact>()

/** One alias belongs to one contact, until that is erased: who claims it first has it. */
export const aliasChart = setup({
  types: { context: {} as AliasContext, events: {} as AliasOpenFact },
  actions: {
    claim: onAlias('alias.claimed', (_, { data }) => ({ contactId: data.contactId })),
    release: onAlias('alias.released', ({ released }) => ({ contactId: null, released: released + 1 })),
  },
}).createMachine({
  id: 'alias',
  context: { ...baseContext, contactId: null, released: 0 } as AliasContext,
  initial: 'free',
  states: {
    free: { on: { 'alias.claimed': { target: 'claimed', actions: 'claim' } } },
    claimed: { on: { 'alias.released': { target: 'free', actions: 'release' } } },
  },
})

export const aliasKind = { type: 'alias', chart: aliasChart } as const satisfies Kind
