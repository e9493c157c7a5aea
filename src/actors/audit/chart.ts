import { setup } from 'xstate'
import type { AuditOpenFact } from '../../events/audit.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'

type AuditContext = BaseContext & {
  /** The latest root: what the next one is chained to. */
  readonly root: {
    readonly ordinal: number
    readonly place: string
    readonly hash: string
    readonly at: string
  } | null
}
const on = factActions<AuditContext, AuditOpenFact>()

/** The installation's record of signed roots, one after the other. */
export const auditChart = setup({
  types: { context: {} as AuditContext, events: {} as AuditOpenFact },
  actions: {
    list: on('audit.headsListed'),
    sign: on('audit.rootSigned', (_, { data: { ordinal, place, hash }, meta }) => ({
      root: { ordinal, place, hash, at: meta.at },
    })),
  },
}).createMachine({
  id: 'audit',
  context: { ...baseContext, root: null } as AuditContext,
  initial: 'recording',
  states: {
    recording: {
      on: { 'audit.headsListed': { actions: 'list' }, 'audit.rootSigned': { actions: 'sign' } },
    },
  },
})

export const auditKind = { type: 'audit', chart: auditChart } as const satisfies Kind
