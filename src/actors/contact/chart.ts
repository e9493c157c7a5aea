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
  readonly blocked: boolean
  /** The contact that this one is the same person as, while it is merged. */
  readonly mergedInto: string | null
  /** Whether what both have was joined already. */
  readonly mergeCompleted: boolean
  /** The contacts that were merged into this one. */
  readonly absorbed: readonly string[]
  /** Contacts of whom somebody said that they are other people, whatever a channel says. */
  readonly apart: readonly string[]
}

const initial: ContactContext = {
  ...baseContext,
  isGroup: false,
  nameHash: null,
  namedBy: 'channel',
  nameHashes: {},
  aliasIds: [],
  blocked: false,
  mergedInto: null,
  mergeCompleted: false,
  absorbed: [],
  apart: [],
}

const on = factActions<ContactContext, ContactOpenFact>()

/** The grammar of a contact: an identity with aliases, blocked or not, until it is merged into another or erased. */
export const contactChart = setup({
  types: { context: {} as ContactContext, events: {} as ContactOpenFact },
  guards: {
    blocked: ({ event }) =>
      (event.type === 'contact.absorbed' || event.type === 'contact.unmerged') && event.data.blocked,
  },
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
    block: on('contact.blocked', () => ({ blocked: true })),
    unblock: on('contact.unblocked', () => ({ blocked: false })),
    merge: on('contact.merged', ({ apart }, { data }) => ({
      mergedInto: data.intoId,
      mergeCompleted: false,
      apart: apart.filter(id => id !== data.intoId),
    })),
    completeMerge: on('contact.mergeCompleted', () => ({ mergeCompleted: true })),
    unmerge: on('contact.unmerged', ({ apart }, { data }) => ({
      mergedInto: null,
      blocked: data.blocked,
      apart: data.userId === null ? apart : [...apart, data.fromId],
    })),
    absorb: on('contact.absorbed', ({ absorbed, blocked }, { data }) => ({
      blocked: blocked || data.blocked,
      absorbed: absorbed.includes(data.contactId) ? absorbed : [...absorbed, data.contactId],
    })),
    part: on('contact.parted', ({ absorbed }, { data }) => ({
      absorbed: absorbed.filter(id => id !== data.contactId),
    })),
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
        'contact.merged': { target: 'merged', actions: 'merge' },
        'contact.absorbed': [
          { guard: 'blocked', target: '.blocked', actions: 'absorb' },
          { actions: 'absorb' },
        ],
        'contact.parted': { actions: 'part' },
        'contact.erased': { target: 'erased', actions: 'erase' },
      },
      states: {
        free: { on: { 'contact.blocked': { target: 'blocked', actions: 'block' } } },
        blocked: { on: { 'contact.unblocked': { target: 'free', actions: 'unblock' } } },
      },
    },
    merged: {
      on: {
        // Whom it was merged into was merged itself: one step leads there for ever.
        'contact.merged': { actions: 'merge' },
        'contact.mergeCompleted': { actions: 'completeMerge' },
        'contact.parted': { actions: 'part' },
        'contact.unmerged': [
          { guard: 'blocked', target: 'known.blocked', actions: 'unmerge' },
          { target: 'known.free', actions: 'unmerge' },
        ],
        'contact.erased': { target: 'erased', actions: 'erase' },
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
