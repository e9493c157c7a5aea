import { setup } from 'xstate'
import { withChat, type ChatBegun } from '../../events/pacing.ts'
import type { ProviderKind, SessionOpenFact, SessionSettings } from '../../events/session.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'

export type SessionContext = BaseContext & {
  readonly provider: ProviderKind
  readonly queueIds: readonly string[]
  readonly settings: SessionSettings
  /** Revision of the latest `session.owned`: the fence of everything done for the session. */
  readonly fence: number
  readonly node: string | null
  /** Since when nothing comes in, while it should. */
  readonly offlineSince: string | null
  /** Whether someone wants it connected. */
  readonly wanted: boolean
  /** Since when it is linked to its account; `null` until it is, and again once that is undone. */
  readonly linkedAt: string | null
  /** The gap that was recorded last; ISO 8601. */
  readonly lastGap: { readonly from: string; readonly to: string } | null
  /** Chats that were begun from here in the day before the latest one, oldest first. */
  readonly chatsBegun: readonly ChatBegun[]
}

const initial: SessionContext = {
  ...baseContext,
  provider: 'simulator',
  queueIds: [],
  settings: { reopenPolicy: 'reopen', reopenMinutes: 120 },
  fence: -1,
  node: null,
  offlineSince: null,
  wanted: false,
  linkedAt: null,
  lastGap: null,
  chatsBegun: [],
}

type Context = SessionContext
const on = factActions<Context, SessionOpenFact>()

const ended = { wanted: false, offlineSince: null, node: null }

/**
 * The grammar of a session: what happened to the link, never the link itself (see `link`). A session that someone
 * wants connected stays wanted over restarts; the states in which it has stopped need a person to start it again.
 */
export const sessionChart = setup({
  types: { context: {} as Context, events: {} as SessionOpenFact },
  actions: {
    create: on('session.created', (_, { data }) => ({
      provider: data.provider,
      queueIds: data.queueIds,
      settings: data.settings,
    })),
    change: on('session.changed', (context, { data }) => ({
      queueIds: data.queueIds ?? context.queueIds,
      settings: data.settings ?? context.settings,
    })),
    want: on('session.startRequested', () => ({ wanted: true })),
    own: on('session.owned', (_, { data, revision }) => ({ node: data.node, fence: revision })),
    awaitScan: on('session.awaitingScan', () => ({ linkedAt: null })),
    sync: on('session.syncing'),
    connect: on('session.connected', (context, { meta }) => ({
      offlineSince: null,
      linkedAt: context.linkedAt ?? meta.at,
    })),
    disconnect: on('session.disconnected', (context, { data, meta }) => ({
      offlineSince: context.offlineSince ?? data.since ?? meta.at,
    })),
    beginChat: on('session.chatBegun', (context, { data, meta }) => ({
      chatsBegun: withChat(context.chatsBegun, { conversationId: data.conversationId, at: meta.at }),
    })),
    recordGap: on('session.gapRecorded', (_, { data: { from, to } }) => ({ lastGap: { from, to } })),
    stop: on('session.stopped', () => ended),
    logOut: on('session.loggedOut', () => ({ ...ended, linkedAt: null })),
    replace: on('session.replaced', () => ended),
    restrict: on('session.restricted', () => ended),
    fail: on('session.failed', () => ended),
    remove: on('session.removed', () => ended),
  },
}).createMachine({
  id: 'session',
  context: initial,
  initial: 'absent',
  states: {
    absent: { on: { 'session.created': { target: 'existing', actions: 'create' } } },
    existing: {
      initial: 'created',
      on: {
        'session.changed': { actions: 'change' },
        'session.chatBegun': { actions: 'beginChat' },
        'session.gapRecorded': { actions: 'recordGap' },
        'session.startRequested': { target: '.connecting', actions: 'want' },
        'session.stopped': { target: '.stopped', actions: 'stop' },
        'session.loggedOut': { target: '.loggedOut', actions: 'logOut' },
        'session.replaced': { target: '.replaced', actions: 'replace' },
        'session.restricted': { target: '.restricted', actions: 'restrict' },
        'session.failed': { target: '.failed', actions: 'fail' },
        'session.removed': { target: 'removed', actions: 'remove' },
      },
      states: {
        created: {},
        connecting: {
          on: {
            'session.owned': { actions: 'own' },
            'session.awaitingScan': { target: 'awaitingScan', actions: 'awaitScan' },
            'session.syncing': { target: 'syncing', actions: 'sync' },
            'session.connected': { target: 'connected', actions: 'connect' },
            'session.disconnected': { target: 'reconnecting', actions: 'disconnect' },
          },
        },
        awaitingScan: {
          on: {
            'session.owned': { target: 'connecting', actions: 'own' },
            'session.syncing': { target: 'syncing', actions: 'sync' },
            'session.connected': { target: 'connected', actions: 'connect' },
            'session.disconnected': { target: 'reconnecting', actions: 'disconnect' },
          },
        },
        syncing: {
          on: {
            'session.owned': { target: 'connecting', actions: 'own' },
            'session.connected': { target: 'connected', actions: 'connect' },
            'session.disconnected': { target: 'reconnecting', actions: 'disconnect' },
          },
        },
        connected: {
          on: {
            'session.owned': { target: 'connecting', actions: 'own' },
            'session.disconnected': { target: 'reconnecting', actions: 'disconnect' },
          },
        },
        reconnecting: {
          on: {
            'session.owned': { target: 'connecting', actions: 'own' },
            'session.awaitingScan': { target: 'awaitingScan', actions: 'awaitScan' },
            'session.syncing': { target: 'syncing', actions: 'sync' },
            'session.connected': { target: 'connected', actions: 'connect' },
            'session.disconnected': { actions: 'disconnect' },
          },
        },
        stopped: {},
        loggedOut: {},
        replaced: {},
        restricted: {},
        failed: {},
      },
    },
    removed: {},
  },
})

export const sessionKind = { type: 'session', chart: sessionChart } as const satisfies Kind
export type SessionState = ReturnType<typeof sessionChart.getInitialSnapshot>
