import type { InboundItem } from '../providers/provider.ts'
import type { EarlyAction } from '../commands/message/intake.ts'
import { pause, type Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

/**
 * A channel may tell that a message was taken back, changed or reacted to before it tells of the message: deliveries that
 * failed come again in any order. Said of a message that is not there it means nothing yet; so it lies here, durable, until the
 * message has come. It is looked at when that message does come by this process, and now and then for whatever came elsewhere.
 * Every process knows of what all of them keep: one that dies leaves nothing behind that nobody looks after.
 * What was said of a message that never comes (of before the link) is forgotten after a day.
 */
export type EarlyActions = Service & {
  /** Keeps it until its message comes. Resolves when durable; `false`: too many wait already. */
  hold(early: EarlyAction): Promise<boolean>
  /** A message of the session with this id of the channel's is there now. */
  came(sessionId: string, providerMessageId: string): void
  /** Nothing is kept of what is theirs, on whatever node it came in. */
  forget(companyId: string, isTheirs: (item: InboundItem) => boolean): Promise<void>
}

/** Where they lie: key → text. */
export type EarlyDrawer = {
  put(key: string, text: string): Promise<void>
  remove(key: string): Promise<void>
  has(key: string): Promise<boolean>
  all(): Promise<ReadonlyMap<string, string>>
}

const WAITING_MAX = 1_000
const KEPT_MS_MAX = 24 * 60 * 60_000
const RETRY_MS = 1_000
/** How often it is looked for what other processes keep. */
const LOAD_EVERY_MS = 60_000
const RETRY_MS_MAX = 10 * 60_000

type Kept = { readonly companyId: CompanyId; readonly sessionId: string; item: InboundItem; until: number }
type Waiting = { readonly key: string; readonly kept: Kept; tries: number; nextAt: number }

const targetOf = ({ item, sessionId }: Pick<Kept, 'item' | 'sessionId'>): string =>
  item.item === 'message' && item.message.type !== 'message' ? `${sessionId} ${item.message.target}` : ''

export const createEarlyActions = (tools: {
  readonly drawer: EarlyDrawer
  /** Tries it again; `false`: its message is not there yet. @throws Error while nothing can be made durable */
  settle(companyId: CompanyId, sessionId: string, item: InboundItem): Promise<boolean>
  readonly loadEveryMs?: number
  readonly clock: Clock
  readonly log: Log
}): EarlyActions => {
  const { drawer, clock, log, loadEveryMs = LOAD_EVERY_MS } = tools
  const waiting = new Map<string, Waiting>()
  /** Keys by the message that they wait for. */
  const targets = new Map<string, Set<string>>()
  let wake = new AbortController()

  const add = (one: Waiting): void => {
    waiting.set(one.key, one)
    const target = targetOf(one.kept)
    targets.set(target, (targets.get(target) ?? new Set()).add(one.key))
    wake.abort()
  }
  const drop = async (one: Waiting): Promise<void> => {
    await drawer.remove(one.key)
    leave(one)
  }
  const leave = (one: Waiting): void => {
    waiting.delete(one.key)
    const target = targetOf(one.kept)
    targets.get(target)?.delete(one.key)
    if (targets.get(target)?.size === 0) targets.delete(target)
  }

  const look = async (one: Waiting): Promise<void> => {
    const { companyId, sessionId, item, until } = one.kept
    one.tries += 1
    one.nextAt = clock.now() + Math.min(RETRY_MS * 2 ** Math.min(one.tries, 20), RETRY_MS_MAX)
    try {
      // Another process is done with it, or its person was erased.
      if (!(await drawer.has(one.key))) return leave(one)
      if (await tools.settle(companyId, sessionId, item)) return await drop(one)
      if (clock.now() < until) return
      log.info({ companyId, sessionId }, 'what was said of a message that never came is forgotten')
      await drop(one)
    } catch (err) {
      log.warn({ companyId, sessionId, err }, 'what came before its message is looked at again later')
    }
  }

  const load = async (): Promise<void> => {
    for (const [key, text] of await drawer.all())
      if (!waiting.has(key)) add({ key, kept: JSON.parse(text) as Kept, tries: 0, nextAt: clock.now() })
  }

  const untilNext = (): number =>
    Math.max(0, Math.min(RETRY_MS_MAX, ...[...waiting.values()].map(({ nextAt }) => nextAt - clock.now())))

  return {
    name: 'early-actions',
    hold: async ({ id, companyId, sessionId, item }) => {
      const key = `${companyId}/${sessionId}/${id}`
      if (waiting.has(key)) return true
      if (waiting.size >= WAITING_MAX) return false
      const kept: Kept = { companyId, sessionId, item, until: clock.now() + KEPT_MS_MAX }
      await drawer.put(key, JSON.stringify(kept))
      add({ key, kept, tries: 0, nextAt: clock.now() + RETRY_MS })
      return true
    },
    came: (sessionId, providerMessageId) => {
      for (const key of targets.get(`${sessionId} ${providerMessageId}`) ?? []) {
        const one = waiting.get(key)
        if (one) one.nextAt = clock.now()
      }
      if (targets.has(`${sessionId} ${providerMessageId}`)) wake.abort()
    },
    forget: async (companyId, isTheirs) => {
      for (const [key, text] of await drawer.all()) {
        const kept = JSON.parse(text) as Kept
        if (kept.companyId === companyId && isTheirs(kept.item)) await drawer.remove(key)
      }
    },
    run: async stop => {
      let loadAt = clock.monotonic()
      while (!stop.aborted) {
        wake = new AbortController()
        if (clock.monotonic() >= loadAt) {
          const loaded = await load().then(
            () => true,
            (err: unknown) => (
              log.warn({ err }, 'what came before its message could not be read yet'),
              false
            ),
          )
          loadAt = clock.monotonic() + (loaded ? loadEveryMs : RETRY_MS)
        }
        const now = clock.now()
        for (const one of [...waiting.values()]) if (one.nextAt <= now && !stop.aborted) await look(one)
        const ms = Math.max(0, Math.min(untilNext(), loadAt - clock.monotonic()))
        await pause(clock, ms, AbortSignal.any([stop, wake.signal]))
      }
    },
  }
}
