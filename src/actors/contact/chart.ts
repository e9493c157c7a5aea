import { setup } from 'xstate'
import type { AliasOpenFact, ContactOpenFact } from '../../events/contact.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'

export type ContactContext = BaseContext & {
  readonly isGroup: boolean
  /** Keyed hash of the name, so that a changed name is noticed without knowing the name. */
  readonly nameHash: string | null
  readonly namedBy: 'channel' | 'user'
  readonly aliasIds: readonly string[]
}

const initial: ContactContext = {
  ...baseContext,
  isGroup: false,
  nameHash: null,
  namedBy: 'channel',
  aliasIds: [],
}

const on = factActions<ContactContext, ContactOpenFact>()

/** The grammar of a contact: an identity with aliases; being blocked is its only state. */
export const contactChart = setup({
  types: { context: {} as ContactContext, events: {} as ContactOpenFact },
  actions: {
    create: on('contact.created', (_, { data }) => ({
      isGroup: data.isGroup,
      nameHash: data.nameHash,
      namedBy: data.source,
    })),
    addAlias: on('contact.aliasAdded', (context, { data }) => ({
      aliasIds: [...context.aliasIds, data.aliasId],
    })),
    rename: on('contact.renamed', (_, { data }) => ({ nameHash: data.nameHash, namedBy: data.source })),
    change: on('contact.changed'),
    block: on('contact.blocked'),
    unblock: on('contact.unblocked'),
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
      },
      states: {
        free: { on: { 'contact.blocked': { target: 'blocked', actions: 'block' } } },
        blocked: { on: { 'contact.unblocked': { target: 'free', actions: 'unblock' } } },
      },
    },
  },
})

export const contactKind = { type: 'contact', chart: contactChart } as const satisfies Kind
export type ContactState = ReturnType<typeof contactChart.getInitialSnapshot>

type AliasContext = BaseContext & { readonly contactId: string | null }

/** One alias belongs to one contact, for ever: who claims its stream first has it. */
export const aliasChart = setup({
  types: { context: {} as AliasContext, events: {} as AliasOpenFact },
  actions: {
    claim: factActions<AliasContext, AliasOpenFact>()('alias.claimed', (_, { data }) => ({
      contactId: data.contactId,
    })),
  },
}).createMachine({
  id: 'alias',
  context: { ...baseContext, contactId: null } as AliasContext,
  initial: 'free',
  states: {
    free: { on: { 'alias.claimed': { target: 'claimed', actions: 'claim' } } },
    claimed: {},
  },
})

export const aliasKind = { type: 'alias', chart: aliasChart } as const satisfies Kind
