import { assign, setup } from 'xstate'

/**
 * The live connection of a session as a statechart, beside the session's own chart and never replayed: timers, backoff,
 * the count of QR codes. What it does to the world (open, close, tell) are actions handed in by `link`.
 *
 *   idle ─START▶ opening ─▶ awaitingScan ─▶ syncing ─▶ connected
 *                   ▲  └──────────┴────────────┴─DOWN──────┤
 *                   └──backoff── waiting ◀─────────────────┘      any ─ENDED▶ over ─START▶ opening
 */
export type LinkEnd = 'logged-out' | 'replaced' | 'restricted' | 'failed' | 'stopped'

export type LinkEvent =
  | { type: 'START' }
  | { type: 'STOP' }
  | { type: 'LEASE_LOST' }
  | { type: 'SCAN' }
  /** Somebody asked for a code to type: they are there. */
  | { type: 'ASKED' }
  /** Somebody will not wait for the next attempt. */
  | { type: 'NOW' }
  | { type: 'SYNC' }
  | { type: 'UP' }
  | { type: 'DOWN'; reason: string; code: string | null }
  | { type: 'ENDED'; end: LinkEnd; reason: string; code: string | null }

export type LinkEffects = {
  open(): void
  close(): void
  disconnected(reason: string, code: string | null): void
  /** The next attempt, the how many-eth of this loss, comes after the pause. */
  waits(attempt: number, pauseMs: number): void
  ended(end: LinkEnd, reason: string, code: string | null): void
  leaseLost(): void
  random(): number
}

export const BACKOFF_MS_MIN = 1_000
export const BACKOFF_MS_MAX = 5 * 60_000
/** The retry budget: attempts in a row without a connection that held. At the longest pause these are two days. */
export const RECONNECT_ATTEMPTS_MAX = 600
/** A connection that held this long makes the next loss a first one again. */
export const STABLE_AFTER_MS = 60_000
export const OPEN_WAIT_MS_MAX = 60_000
export const SYNC_WAIT_MS_MAX = 10 * 60_000
export const QRS_UNREAD_MAX = 5
/** A channel that shows no further QR code after this long has forgotten us. */
export const QR_WAIT_MS_MAX = 5 * 60_000

/** The pause before an attempt (1, 2, …): doubles from one second to five minutes, its upper half by chance. */
export const backoffMs = (attempt: number, random: number): number => {
  const ceiling = Math.min(BACKOFF_MS_MIN * 2 ** Math.min(attempt, 20), BACKOFF_MS_MAX)
  return Math.round(Math.max(BACKOFF_MS_MIN, ceiling / 2 + (random * ceiling) / 2))
}

type Context = { attempt: number; qrs: number; pauseMs: number; reason: string; code: string | null }

export const linkMachine = (effects: LinkEffects) =>
  setup({
    types: { context: {} as Context, events: {} as LinkEvent },
    actions: {
      open: () => effects.open(),
      close: () => effects.close(),
      leaseLost: () => effects.leaseLost(),
      forget: assign({ attempt: 0, qrs: 0 }),
      held: assign({ attempt: 0 }),
      countQr: assign({ qrs: ({ context }) => context.qrs + 1 }),
      clearQrs: assign({ qrs: 0 }),
      note: assign((_, said: { reason: string; code: string | null }) => said),
      pause: assign(({ context }) => ({
        attempt: context.attempt + 1,
        pauseMs: backoffMs(context.attempt + 1, effects.random()),
      })),
      disconnected: ({ context }) => effects.disconnected(context.reason, context.code),
      waits: ({ context }) => effects.waits(context.attempt, context.pauseMs),
      ended: (_, said: { end: LinkEnd; reason: string; code: string | null }) =>
        effects.ended(said.end, said.reason, said.code),
    },
    guards: {
      spent: ({ context }) => context.attempt > RECONNECT_ATTEMPTS_MAX,
      qrsUnread: ({ context }) => context.qrs >= QRS_UNREAD_MAX,
    },
    delays: {
      pause: ({ context }) => context.pauseMs,
      openWait: OPEN_WAIT_MS_MAX,
      qrWait: QR_WAIT_MS_MAX,
      syncWait: SYNC_WAIT_MS_MAX,
      stable: STABLE_AFTER_MS,
    },
  }).createMachine({
    id: 'link',
    context: { attempt: 0, qrs: 0, pauseMs: 0, reason: '', code: null },
    initial: 'idle',
    states: {
      idle: { on: { START: { target: 'live', actions: 'forget' } } },
      live: {
        initial: 'opening',
        on: {
          STOP: 'idle',
          LEASE_LOST: { target: 'idle', actions: 'leaseLost' },
          DOWN: {
            target: '.waiting',
            actions: { type: 'note', params: ({ event }) => ({ reason: event.reason, code: event.code }) },
          },
          ENDED: {
            target: 'over',
            actions: {
              type: 'ended',
              params: ({ event }) => ({ end: event.end, reason: event.reason, code: event.code }),
            },
          },
        },
        exit: 'close',
        states: {
          opening: {
            entry: 'open',
            on: { SCAN: { target: 'awaitingScan', actions: 'countQr' }, SYNC: 'syncing', UP: 'connected' },
            after: { openWait: { target: 'waiting', actions: timedOut('connect-timeout') } },
          },
          awaitingScan: {
            on: {
              SCAN: [
                {
                  guard: 'qrsUnread',
                  target: '#link.over',
                  actions: { type: 'ended', params: { end: 'stopped', reason: 'qr-unread', code: null } },
                },
                { target: 'awaitingScan', reenter: true, actions: 'countQr' },
              ],
              ASKED: { actions: 'clearQrs' },
              SYNC: 'syncing',
              UP: 'connected',
            },
            after: { qrWait: { target: 'waiting', actions: timedOut('qr-timeout') } },
          },
          syncing: {
            entry: 'clearQrs',
            on: { UP: 'connected' },
            after: { syncWait: { target: 'waiting', actions: timedOut('sync-timeout') } },
          },
          connected: { entry: 'clearQrs', after: { stable: { actions: 'held' } } },
          waiting: {
            entry: ['close', 'disconnected', 'pause', 'waits'],
            // Nothing is connected any more, so a late word of the old connection changes nothing.
            on: { DOWN: {}, NOW: 'opening' },
            always: {
              guard: 'spent',
              target: '#link.over',
              actions: {
                type: 'ended',
                params: { end: 'failed', reason: 'reconnect-attempts-spent', code: null },
              },
            },
            after: { pause: 'opening' },
          },
        },
      },
      over: { on: { START: { target: 'live', actions: 'forget' } } },
    },
  })

function timedOut(reason: string) {
  return { type: 'note' as const, params: { reason, code: null } }
}
