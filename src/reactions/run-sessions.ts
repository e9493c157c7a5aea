import type { Directory } from '../actors/directory.ts'
import { sessionKind } from '../actors/session/chart.ts'
import { createSessionLink, type LinkDoor, type SessionLink } from '../actors/session/link.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { Intake } from '../commands/message/intake.ts'
import type { LinkChange } from '../commands/session/link-facts.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { Lease, Leases } from '../jobs/lease.ts'
import type { Jobs } from '../jobs/port.ts'
import type { PeerPresence, Provider, SessionCredentials, SessionStore } from '../providers/provider.ts'
import { newId, type CompanyId } from '../shared/ids.ts'
import { failPoint } from '../shared/fail-point.ts'
import { pause } from '../shared/clock.ts'
import type { Service } from '../shared/service.ts'
import { giveSign, giveSigns, type LifeSigns, type Served } from './life-signs.ts'
import type { PaceKept } from './pacing.ts'
import { createSessionWork, type WorkTools } from './session-work.ts'
import { mediaJob, sendJob, sessionQueue } from './session-jobs.ts'
import type { Reaction } from './runner.ts'
import type { SentBefore } from './sent-before.ts'

/**
 * Keeps the wanted sessions connected, each on one node: takes the lease, appends `session.owned` (whose revision is
 * the fence), opens the link and works on the session's queue; and puts all that away when nobody wants it any more,
 * when the lease is lost, or at shutdown (without logging out).
 */
export type RunSessionsTools = WorkTools & {
  readonly directory: Directory
  readonly door: Door
  readonly intake: Intake
  readonly leases: Pick<Leases, 'node' | 'acquire' | 'whenFree'>
  readonly jobs: Jobs
  readonly providers: Partial<Record<Provider['kind'], Provider>>
  readonly random: () => number
  /** Makes the ids under which what follows is told together. Default: fresh ones. */
  readonly correlate?: () => string
  credentials(companyId: string, sessionId: string): Promise<SessionCredentials>
  wantedSessions(): Promise<readonly { companyId: string; sessionId: string }[]>
  unsentMessages(): Promise<readonly Unsent[]>
  unfetchedMedia(): Promise<readonly Unfetched[]>
  /** Resolves when the read models show everything that the log held at this moment. */
  caughtUp(stop: AbortSignal): Promise<void>
  showQr(companyId: string, sessionId: string, qr: string, expiresInMs: number): void
  showPairingCode(companyId: string, sessionId: string, code: string, expiresInMs: number): void
  /** In `inMs` the connection is tried again, for the `attempt`-th time of at most `attemptsMax`. */
  showRetry?(companyId: string, sessionId: string, retry: NextTry): void
  /** A customer writes, records, or stopped: told live and never written down. */
  showPresence?(companyId: CompanyId, sessionId: string, presence: PeerPresence): void
  /** How long the end waits for sessions that are stuck. */
  readonly stopMsMax?: number
  /** The session's drawer for its keys, for the owner with this fence. @throws Error when there is a later one. */
  sessionStore?(companyId: string, sessionId: string, fence: number): Promise<SessionStore>
  readonly sentBefore: SentBefore
  readonly lifeSigns?: LifeSigns
}

export type NextTry = { readonly attempt: number; readonly attemptsMax: number; readonly inMs: number }

type Unsent = {
  companyId: string
  sessionId: string
  conversationId: string
  stream: string
  messageId: string
}

type Unfetched = {
  companyId: string
  sessionId: string
  ticketId: string
  messageId: string
  revision: number
}

type Owned = {
  /** No further message is started. */
  readonly stop: () => void
  /** Writes down that nothing comes in any more. */
  left(): Promise<void>
  readonly fence: number
  readonly pace: PaceKept
  readonly link: SessionLink
  readonly lease: Lease
  readonly work: { stop(): Promise<void> }
}

export type RunSessions = Service & {
  /** Looks whether the session should be connected here, and sees to it. */
  reconcile(companyId: CompanyId, sessionId: string): Promise<void>
  readonly reactions: readonly Reaction[]
  /** How many sessions are connected here, by company. */
  connected(): readonly { companyId: string; sessionId: string; state: string }[]
}

/** How often every node looks for wanted sessions that nobody owns, and for messages and media that no job knows of. */
const SWEEP_EVERY_MS = 5_000
/** How long looking waits for the slowest session before it goes on with the others. */
const LOOK_MS_MAX = 1_000
/** How long the end waits for sessions that are stuck: whoever comes after them takes over when their leases have run out. */
const STOP_MS_MAX = 10_000
const WORK = { concurrency: 16, attempts: 5, backoffMs: 2_000 } as const

const leaseOf = (sessionId: string): string => `session-${sessionId}`

const SESSION_FACTS: Reaction['types'] = [
  'session.startRequested',
  'session.stopped',
  'session.loggedOut',
  'session.replaced',
  'session.restricted',
  'session.failed',
  'session.removed',
]

export const runSessions = (tools: RunSessionsTools): RunSessions => {
  const { directory, door, leases, jobs, clock, log, correlate = newId<string> } = tools
  const owned = new Map<string, Owned & { companyId: CompanyId }>()
  const turns = new Map<string, Promise<void>>()
  /** Sessions of other nodes, and how to stop waiting for them. */
  const awaited = new Map<string, () => void>()
  let stopping = false

  const asSession = (companyId: CompanyId, sessionId: string): SystemPrincipal => ({
    kind: 'system',
    companyId,
    actor: { kind: 'channel', id: sessionId },
  })

  const release = async (sessionId: string): Promise<void> => {
    const mine = owned.get(sessionId)
    if (!mine) return
    const served = mine.link.state() === 'connected'
    owned.delete(sessionId)
    mine.stop()
    // Whatever goes wrong on the way, the lease is given up: one that nobody uses would keep every node out.
    try {
      await mine.work.stop()
    } finally {
      try {
        await mine.link.stop()
        // From now on nothing comes in, until whoever is next, or this server again, has connected it.
        if (stopping && served) {
          const { companyId, fence, pace } = mine
          if (tools.lifeSigns)
            await giveSign(tools.lifeSigns, [{ companyId, sessionId, fence, sent: pace.sent }], tools)
          await mine.left()
        }
      } finally {
        await mine.lease.release()
      }
    }
  }

  const ring = async (unsent: readonly Unsent[]): Promise<void> => {
    for (const { companyId, sessionId, conversationId, stream, messageId } of unsent) {
      const mine = owned.get(sessionId)
      if (!mine || !stream.startsWith('ticket-')) continue
      const ticketId = stream.slice(stream.indexOf('.') + 1)
      // Named by the fence: a job that died with the owner before keeps its id for half a minute, and nobody else out.
      const id = `${messageId}-${mine.fence}`
      await jobs.add(sessionQueue(sessionId), sendJob(id, { companyId, conversationId, ticketId }))
    }
  }
  const ringForMedia = async (unfetched: readonly Unfetched[]): Promise<void> => {
    for (const { companyId, sessionId, ticketId, messageId, revision } of unfetched) {
      const mine = owned.get(sessionId)
      if (!mine) continue
      const job = mediaJob(`${messageId}-${mine.fence}`, { companyId, ticketId, revision })
      await jobs.add(sessionQueue(sessionId), job)
    }
  }
  const sweep = async (): Promise<void> => {
    await ring(await tools.unsentMessages())
    await ringForMedia(await tools.unfetchedMedia())
  }

  const linkDoor = (companyId: CompanyId, sessionId: string, fence: number): LinkDoor => {
    const record = async (change: LinkChange): Promise<void> => {
      const answer = await door.ask(
        asSession(companyId, sessionId),
        'session.recordLink',
        { id: sessionId, fence, change },
        { correlationId: correlate() },
      )
      // Another node owns it now, or somebody stopped it meanwhile: then that is the truth.
      if (isRefusal(answer) && answer.refused !== 'session-wrong-state')
        throw new Error(`${change.state} of session ${sessionId} was not recorded: ${answer.refused}`)
    }
    return {
      receive: items => tools.intake.take(companyId, sessionId, items),
      onAwaitingScan: () => record({ state: 'awaiting-scan' }),
      onSyncing: () => record({ state: 'syncing' }),
      onConnected: async account => {
        await record({ state: 'connected', account })
        failPoint('session.connection-recorded')
        const sent = owned.get(sessionId)?.pace.sent ?? []
        if (tools.lifeSigns) await giveSign(tools.lifeSigns, [{ companyId, sessionId, fence, sent }], tools)
        await sweep()
      },
      onDisconnected: (reason, code) => record({ state: 'disconnected', reason, code }),
      onTerminal: (end, reason) => record({ state: end, reason }),
      onQr: (qr, expiresInMs) => tools.showQr(companyId, sessionId, qr, expiresInMs),
      onPairingCode: (code, expiresInMs) => tools.showPairingCode(companyId, sessionId, code, expiresInMs),
      onRetry: (attempt, attemptsMax, inMs) =>
        tools.showRetry?.(companyId, sessionId, { attempt, attemptsMax, inMs }),
      onPresence: presence => tools.showPresence?.(companyId, sessionId, presence),
      onLeaseLost: () => void turn(companyId, sessionId, () => release(sessionId)),
    }
  }

  /** Looks again in the moment in which the session's owner may have let go or died. */
  const standBy = (companyId: CompanyId, sessionId: string): void => {
    awaited.get(sessionId)?.()
    const look = (): void => {
      awaited.delete(sessionId)
      if (!stopping) void reconcile(companyId, sessionId)
    }
    awaited.set(sessionId, leases.whenFree(leaseOf(sessionId), look))
  }

  const own = async (companyId: CompanyId, sessionId: string): Promise<void> => {
    const lease = await leases.acquire(leaseOf(sessionId))
    if (!lease) return standBy(companyId, sessionId)
    failPoint('session.leased')
    try {
      if (await runWith(lease, companyId, sessionId)) return
    } catch (error) {
      await lease.release()
      throw error
    }
    await lease.release()
  }

  /** Answers whether the session runs here now, and with it the lease. */
  const runWith = async (lease: Lease, companyId: CompanyId, sessionId: string): Promise<boolean> => {
    const who = asSession(companyId, sessionId)
    const seen = await tools.lifeSigns?.last(companyId, sessionId)
    const answer = await door.ask(
      who,
      'session.own',
      { id: sessionId, node: leases.node, ...(seen ? { seen: { fence: seen.fence, at: seen.at } } : {}) },
      { correlationId: correlate() },
    )
    if (isRefusal(answer)) return false
    failPoint('session.owned')
    const { state } = await directory.state(sessionKind, { company: companyId, id: sessionId })
    const { provider: kind, settings, fence } = state.context
    const provider = tools.providers[kind]
    if (!provider) {
      log.error({ companyId, sessionId, provider: kind }, 'no such channel in this release')
      return false
    }
    const credentials = await tools.credentials(companyId, sessionId)
    // It was stuck until now, and nobody waits for it any more.
    if (stopping) return false
    const told = linkDoor(companyId, sessionId, fence)
    const link = createSessionLink({
      provider,
      session: {
        companyId,
        sessionId,
        settings,
        ...(provider.capabilities.keepsKeys && tools.sessionStore
          ? { store: await tools.sessionStore(companyId, sessionId, fence) }
          : {}),
        sentBefore: id => tools.sentBefore(companyId, sessionId, id),
      },
      credentials,
      lease,
      door: told,
      clock,
      random: tools.random,
      log,
    })
    const stopper = new AbortController()
    const pace: PaceKept = {
      before: seen?.sent ? { sent: seen.sent, at: Date.parse(seen.at) } : null,
      sent: seen?.sent ?? [],
    }
    const session = { companyId, sessionId, fence: String(fence), link, stop: stopper.signal, pace }
    const work = createSessionWork(session, tools)
    owned.set(sessionId, {
      companyId,
      fence,
      pace,
      stop: () => stopper.abort(),
      left: () => told.onDisconnected('server-stopped', null),
      link,
      lease,
      work: jobs.work(sessionQueue(sessionId), WORK, work),
    })
    link.start()
    failPoint('session.linked')
    return true
  }

  const look = async (companyId: CompanyId, sessionId: string): Promise<void> => {
    const mine = owned.get(sessionId)
    const { state } = await directory.state(sessionKind, { company: companyId, id: sessionId })
    const { wanted, node, fence } = state.context
    if (mine && state.matches({ existing: 'loggedOut' }))
      await mine.link
        .logout()
        .catch((error: unknown) =>
          log.warn({ companyId, sessionId, err: error }, 'the channel was not told of a logout'),
        )
    if (mine && (!wanted || node !== leases.node || fence !== mine.fence)) await release(sessionId)
    if (wanted && !stopping && !owned.has(sessionId)) return own(companyId, sessionId)
    awaited.get(sessionId)?.()
    awaited.delete(sessionId)
  }

  /** One at a time per session. */
  const turn = (companyId: CompanyId, sessionId: string, task: () => Promise<void>): Promise<void> => {
    const mine = (turns.get(sessionId) ?? Promise.resolve())
      .then(task)
      .catch((error: unknown) =>
        log.error({ companyId, sessionId, err: error }, 'a session could not be looked after'),
      )
      .finally(() => {
        if (turns.get(sessionId) === mine) turns.delete(sessionId)
      })
    turns.set(sessionId, mine)
    return mine
  }
  const reconcile = (companyId: CompanyId, sessionId: string) =>
    turn(companyId, sessionId, () => look(companyId, sessionId))

  const served = (): Served[] =>
    [...owned].flatMap(([sessionId, { companyId, fence, pace, link }]) =>
      link.state() === 'connected' ? [{ companyId, sessionId, fence, sent: pace.sent }] : [],
    )

  const lookForWork = async (stop: AbortSignal): Promise<void> => {
    try {
      const wanted = await tools.wantedSessions()
      // One that nobody wants any more, although the fact that says so was not heard, is among the owned.
      const known = new Map(
        [...wanted, ...[...owned].map(([id, { companyId }]) => ({ companyId, sessionId: id }))].map(
          ({ companyId, sessionId }) => [sessionId, companyId as CompanyId],
        ),
      )
      const looks = [...known]
        .filter(([sessionId]) => !turns.has(sessionId))
        .map(([sessionId, companyId]) => reconcile(companyId, sessionId))
      // One that is stuck is not waited for by the others; until it is done it is not looked at again.
      await Promise.race([Promise.all(looks), pause(clock, LOOK_MS_MAX, stop)])
      await sweep()
    } catch (error) {
      log.warn({ room: 'sessions', err: error }, 'could not look for sessions; looking again')
    }
  }

  /** Each by itself: one that is stuck keeps none of the others, and all of them not for ever. */
  const putAway = async (): Promise<void> => {
    const left = new Set([...turns.keys(), ...owned.keys()])
    const away = [...left].map(async sessionId => {
      await turns.get(sessionId)
      await release(sessionId).catch((error: unknown) =>
        log.error({ sessionId, err: error }, 'a session could not be put away'),
      )
      left.delete(sessionId)
    })
    let cancel = (): void => {}
    const enough = new Promise<void>(
      resolve => (cancel = clock.after(tools.stopMsMax ?? STOP_MS_MAX, resolve)),
    )
    await Promise.race([Promise.all(away), enough])
    cancel()
    if (left.size > 0) log.warn({ sessionIds: [...left] }, 'sessions were stuck and are left to their leases')
  }

  return {
    name: 'sessions',
    reconcile,
    connected: () =>
      [...owned].map(([sessionId, { companyId, link }]) => ({ companyId, sessionId, state: link.state() })),
    reactions: [
      {
        name: 'run-sessions',
        types: SESSION_FACTS,
        // Not awaited: a session that is slow to close holds up nobody else's reactions.
        react: async ({ company, id }) => void reconcile(company, id),
      },
    ],
    run: async stop => {
      await tools.caughtUp(stop)
      jobs.onReconnect(() => void lookForWork(stop))
      if (tools.lifeSigns) void giveSigns(tools.lifeSigns, served, tools, stop)
      while (!stop.aborted) {
        await lookForWork(stop)
        await pause(clock, SWEEP_EVERY_MS, stop)
      }
      stopping = true
      for (const stopWaiting of awaited.values()) stopWaiting()
      awaited.clear()
      await putAway()
    },
  }
}
