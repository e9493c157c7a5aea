import { setup } from 'xstate'
import type {
  CompanyOpenFact,
  DeadLetterOpenFact,
  QueueOpenFact,
  Role,
  UserOpenFact,
} from '../../events/company.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'

/** What a company chose, as facts say it: `null` is what the installation has. */
export type CompanySettings = {
  readonly inboundMediaBytesMax: number | null
  readonly outboundMediaBytesMax: number | null
  readonly tellTooLarge: boolean
  readonly largeFilesAsLinks: boolean
}
type CompanyContext = BaseContext & {
  readonly nextNumber: number
  /** The language that the company speaks to its customers by itself. */
  readonly locale: string
  readonly settings: CompanySettings
}
const UNCHANGED: CompanySettings = {
  inboundMediaBytesMax: null,
  outboundMediaBytesMax: null,
  tellTooLarge: true,
  largeFilesAsLinks: true,
}

/** What is said of some of them, over what was so far. */
const settingsAfter = (known: CompanySettings, said: Partial<CompanySettings>): CompanySettings => ({
  inboundMediaBytesMax:
    said.inboundMediaBytesMax === undefined ? known.inboundMediaBytesMax : said.inboundMediaBytesMax,
  outboundMediaBytesMax:
    said.outboundMediaBytesMax === undefined ? known.outboundMediaBytesMax : said.outboundMediaBytesMax,
  tellTooLarge: said.tellTooLarge ?? known.tellTooLarge,
  largeFilesAsLinks: said.largeFilesAsLinks ?? known.largeFilesAsLinks,
})

const onCompany = factActions<CompanyContext, CompanyOpenFact>()

/** A company: its ticket numbers are handed out in blocks, and its settings decide with others' facts. */
export const companyChart = setup({
  types: { context: {} as CompanyContext, events: {} as CompanyOpenFact },
  actions: {
    create: onCompany('company.created', (_, { data }) => ({ locale: data.locale })),
    reserve: onCompany('company.ticketNumbersReserved', (_, { data }) => ({ nextNumber: data.to + 1 })),
    changeSettings: onCompany('company.settingsChanged', ({ settings }, { data }) => ({
      settings: settingsAfter(settings, data as Partial<CompanySettings>),
    })),
  },
}).createMachine({
  id: 'company',
  context: { ...baseContext, nextNumber: 1, locale: '', settings: UNCHANGED } as CompanyContext,
  initial: 'absent',
  states: {
    absent: { on: { 'company.created': { target: 'existing', actions: 'create' } } },
    existing: {
      on: {
        'company.ticketNumbersReserved': { actions: 'reserve' },
        'company.settingsChanged': { actions: 'changeSettings' },
      },
    },
  },
})
export const companyKind = { type: 'company', chart: companyChart } as const satisfies Kind

type UserContext = BaseContext & { readonly role: Role; readonly queueIds: readonly string[] }
const onUser = factActions<UserContext, UserOpenFact>()

/** A user of a company: active or not, with a role and queues. */
export const userChart = setup({
  types: { context: {} as UserContext, events: {} as UserOpenFact },
  actions: {
    create: onUser('user.created', (_, { data }) => ({ role: data.role, queueIds: data.queueIds })),
    change: onUser('user.changed', (context, { data }) => ({
      role: data.role ?? context.role,
      queueIds: data.queueIds ?? context.queueIds,
    })),
    changePassword: onUser('user.passwordChanged'),
    deactivate: onUser('user.deactivated'),
    reactivate: onUser('user.reactivated'),
    refuseUpload: onUser('user.uploadRefused'),
  },
}).createMachine({
  id: 'user',
  context: { ...baseContext, role: 'agent', queueIds: [] } as UserContext,
  initial: 'absent',
  states: {
    absent: { on: { 'user.created': { target: 'existing', actions: 'create' } } },
    existing: {
      initial: 'active',
      on: {
        'user.changed': { actions: 'change' },
        'user.passwordChanged': { actions: 'changePassword' },
        'user.uploadRefused': { actions: 'refuseUpload' },
      },
      states: {
        active: { on: { 'user.deactivated': { target: 'inactive', actions: 'deactivate' } } },
        inactive: { on: { 'user.reactivated': { target: 'active', actions: 'reactivate' } } },
      },
    },
  },
})
export const userKind = { type: 'user', chart: userChart } as const satisfies Kind

const onQueue = factActions<BaseContext, QueueOpenFact>()
const onDeadLetter = factActions<BaseContext, DeadLetterOpenFact>()

/** A queue that tickets wait in. */
export const queueChart = setup({
  types: { context: {} as BaseContext, events: {} as QueueOpenFact },
  actions: {
    create: onQueue('queue.created'),
    change: onQueue('queue.changed'),
    remove: onQueue('queue.removed'),
  },
}).createMachine({
  id: 'queue',
  context: baseContext,
  initial: 'absent',
  states: {
    absent: { on: { 'queue.created': { target: 'existing', actions: 'create' } } },
    existing: {
      on: {
        'queue.changed': { actions: 'change' },
        'queue.removed': { target: 'removed', actions: 'remove' },
      },
    },
    removed: {},
  },
})
export const queueKind = { type: 'queue', chart: queueChart } as const satisfies Kind

/** Something that could not be processed, until it is. */
export const deadLetterChart = setup({
  types: { context: {} as BaseContext, events: {} as DeadLetterOpenFact },
  guards: {
    processed: ({ event }) => event.type === 'deadLetter.retried' && event.data.outcome === 'processed',
  },
  actions: {
    record: onDeadLetter('deadLetter.recorded'),
    retry: onDeadLetter('deadLetter.retried'),
    drop: onDeadLetter('deadLetter.dropped'),
    erase: onDeadLetter('deadLetter.erased'),
  },
}).createMachine({
  id: 'deadletter',
  context: baseContext,
  initial: 'absent',
  states: {
    absent: { on: { 'deadLetter.recorded': { target: 'waiting', actions: 'record' } } },
    waiting: {
      on: {
        'deadLetter.retried': [
          { guard: 'processed', target: 'done', actions: 'retry' },
          { actions: 'retry' },
        ],
        'deadLetter.dropped': { target: 'done', actions: 'drop' },
        'deadLetter.erased': { target: 'erased', actions: 'erase' },
      },
    },
    done: { on: { 'deadLetter.erased': { target: 'erased', actions: 'erase' } } },
    erased: {},
  },
})
export const deadLetterKind = { type: 'deadletter', chart: deadLetterChart } as const satisfies Kind
