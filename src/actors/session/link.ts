import { createActor } from 'xstate'
import type { Connection, ConnectionState, InboundItem } from '../../providers/provider.ts'
import { failPoint } from '../../shared/fail-point.ts'
import type { Clock } from '../../shared/clock.ts'
import type { LinkState, SessionLink, SessionLinkOptions } from './link-door.ts'
import { createLanes } from './link-lanes.ts'
import { linkMachine, RECONNECT_ATTEMPTS_MAX } from './link-machine.ts'
import { createReports } from './link-reports.ts'

export type { LinkDoor, LinkState, SessionLink, SessionLinkOptions } from './link-door.ts'

const LINK_STATES: Record<string, LinkState> = {
  opening: 'connecting',
  awaitingScan: 'awaiting-scan',
  syncing: 'syncing',
  connected: 'connected',
  waiting: 'waiting',
}

/** How long a link that is stopped waits until its connection is closed and everything that happened to it is recorded. */
const STOP_MS_MAX = 8_000

/** The live connection of one session, driven by `linkMachine`; the door it speaks through is handed in. */
export const createSessionLink = (options: SessionLinkOptions): SessionLink => {
  const { provider, session, lease, door, clock } = options
  const log = options.log.child({ companyId: session.companyId, sessionId: session.sessionId })
  const lanes = createLanes({ receive: items => door.receive(items) })
  const reports = createReports({ clock, log })
  /** Every attempt has its number, so that late words of an earlier connection are not heard. */
  let attempt = 0
  let connection: Connection | null = null
  const closing = new Set<Promise<void>>()

  const leaseHeld = () => !lease || (lease.held() && !lease.lost.aborted)
  const mayWrite = (): boolean => {
    if (leaseHeld()) return true
    actor.send({ type: 'LEASE_LOST' })
    return false
  }

  const open = () => {
    attempt += 1
    const mine = attempt
    const heard = () => mine === attempt
    // The machine is in the middle of a step: what follows from opening comes after it.
    queueMicrotask(() => {
      if (!heard() || !mayWrite()) return
      provider
        .connect({
          ...session,
          credentials: options.credentials,
          handlers: {
            onItems: items => take(items, heard),
            onState: state => {
              if (heard()) onState(state)
            },
            onPresence: presence => {
              if (heard()) door.onPresence?.(presence)
            },
          },
        })
        .then(
          opened => {
            if (heard()) connection = opened
            else part(opened)
          },
          (error: unknown) => {
            log.error({ err: error }, 'the provider could not even start to connect')
            if (heard()) actor.send({ type: 'DOWN', reason: 'connect-failed', code: null })
          },
        )
    })
  }

  const part = (old: Connection) => {
    const closed: Promise<void> = old
      .close()
      .catch((error: unknown) => log.warn({ err: error }, 'a connection did not close'))
      .finally(() => closing.delete(closed))
    closing.add(closed)
  }

  const close = () => {
    attempt += 1
    if (connection) part(connection)
    connection = null
  }

  /** Acknowledged only when durable and still ours to acknowledge. */
  const take = async (items: readonly InboundItem[], heard: () => boolean): Promise<void> => {
    if (!heard() || !mayWrite()) throw new Error('the link is closed')
    await lanes.hand(items)
    if (!heard() || !mayWrite()) throw new Error('the link was closed meanwhile')
    failPoint('link.before-ack')
  }

  const onState = (said: ConnectionState): void => {
    switch (said.state) {
      case 'connecting':
        return
      case 'awaiting-scan': {
        const first = linkState() !== 'awaiting-scan'
        // A code to type, which was asked for, is no QR code that nobody reads.
        if (first || 'qr' in said) actor.send({ type: 'SCAN' })
        if (linkState() !== 'awaiting-scan') return
        if (first) reports.add('awaiting-scan', () => door.onAwaitingScan())
        if ('qr' in said) door.onQr(said.qr, said.expiresInMs)
        else door.onPairingCode(said.pairingCode, said.expiresInMs)
        return
      }
      case 'syncing':
        actor.send({ type: 'SYNC' })
        return reports.add('syncing', () => door.onSyncing())
      case 'connected':
        actor.send({ type: 'UP' })
        return reports.add('connected', () => door.onConnected(said.account))
      case 'closed':
        return actor.send({ type: 'DOWN', reason: said.reason, code: said.code ?? null })
      case 'logged-out':
      case 'replaced':
      case 'restricted':
      case 'failed':
        return actor.send({ type: 'ENDED', end: said.state, reason: said.reason, code: said.code ?? null })
    }
  }

  const machine = linkMachine({
    open,
    close,
    disconnected: (reason, code) => reports.add('disconnected', () => door.onDisconnected(reason, code)),
    waits: (attempt, pauseMs) => {
      if (attempt <= RECONNECT_ATTEMPTS_MAX) door.onRetry?.(attempt, RECONNECT_ATTEMPTS_MAX, pauseMs)
    },
    ended: (end, reason, code) => reports.add(end, () => door.onTerminal(end, reason, code)),
    leaseLost: () => {
      reports.drop()
      log.warn('the lease of a session was lost; its connection is closed')
      door.onLeaseLost()
    },
    random: options.random,
  })
  const actor = createActor(machine, { clock: timersOf(clock) })
  actor.start()
  lease?.lost.addEventListener('abort', () => actor.send({ type: 'LEASE_LOST' }), { once: true })

  const linkState = (): LinkState => {
    const { value } = actor.getSnapshot()
    return typeof value === 'string' ? (value as 'idle' | 'over') : (LINK_STATES[value.live] ?? 'idle')
  }
  const ready = (): Connection | null => (linkState() === 'connected' && mayWrite() ? connection : null)

  return {
    start: () => actor.send({ type: 'START' }),
    async stop() {
      actor.send({ type: 'STOP' })
      const left = new Set(['connection', 'intake', 'reports'])
      const done = (what: string, work: Promise<unknown>) => work.then(() => void left.delete(what))
      // While nothing can be recorded it is not waited for for ever: the next owner looks for itself.
      let giveUp = () => {}
      const enough = new Promise<void>(resolve => (giveUp = clock.after(STOP_MS_MAX, resolve)))
      const all = [
        done('connection', Promise.all(closing)),
        done('intake', lanes.idle()),
        done('reports', reports.told()),
      ]
      await Promise.race([Promise.all(all), enough])
      giveUp()
      reports.drop()
      if (left.size > 0) log.warn({ left: [...left] }, 'a session is stopped without waiting for its end')
    },
    state: linkState,
    async send(message) {
      const line = ready()
      if (!line) return { outcome: 'refused', reason: 'not-connected', retryable: true }
      failPoint('send.before-wire')
      try {
        return await line.send(message)
      } catch (error) {
        log.error({ err: error }, 'a provider threw instead of answering a send')
        return { outcome: 'unknown', reason: 'the provider failed' }
      }
    },
    async markRead(chat, ids) {
      await ready()?.markRead(chat, ids)
    },
    async fetchMedia(id, bytesMax) {
      const line = ready()
      if (!line) throw new Error('not-connected')
      return line.fetchMedia(id, bytesMax)
    },
    async typing(chat, on) {
      await ready()?.typing?.(chat, on)
    },
    profilePicture: async chat => (await ready()?.profilePicture?.(chat)) ?? null,
    async requestPairingCode(phone) {
      if (linkState() !== 'awaiting-scan' || !mayWrite() || !connection?.requestPairingCode) return false
      actor.send({ type: 'ASKED' })
      await connection.requestPairingCode(phone)
      return true
    },
    retryNow() {
      if (linkState() !== 'waiting') return false
      actor.send({ type: 'NOW' })
      return true
    },
    async logout() {
      await ready()?.logout?.()
    },
  }
}

/** Our clock in XState's words. */
const timersOf = (clock: Clock) => ({
  setTimeout: (task: (...args: unknown[]) => void, ms: number) => clock.after(ms, task),
  clearTimeout: (cancel: unknown) => (cancel as () => void)(),
})
