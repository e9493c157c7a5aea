import {
  excludeSystemEvents,
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
} from '@eventstore/db-client'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../shared/log.ts'
import { isVisible, placeOfEvent, toStoredEvent } from './eventstoredb-events.ts'
import { pullFrom, PullTimeout, type Pull } from './eventstoredb-pull.ts'
import { newestPlace, type Reading } from './eventstoredb-reader.ts'
import { makePosition, parsePosition, type Place } from './position.ts'
import type { SubscriptionItem, SubscriptionOptions } from './port.ts'

/**
 * A subscription of the client ends with the connection. This one remembers the last place it saw and subscribes again
 * from there, for as long as it takes.
 */

const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5_000
/** After so long a silence it asks the server whether there is something that it should have been told. */
const SILENCE_MS_MAX = 30_000

export type Subscribing = Reading & { readonly epoch: string; readonly log: Log }

type Mark =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'caughtUp' }
  | { readonly kind: 'checkpoint'; readonly place: Place }
type Live = Pull<AllStreamResolvedEvent, Mark>

const open = ({ client }: Reading, from: Place | null, prefixes: readonly string[] | undefined): Live => {
  const checkpointReached = async (_: unknown, place: Place): Promise<void> =>
    pull.mark({ kind: 'checkpoint', place })
  const subscription = client.subscribeToAll({
    fromPosition: from ?? START,
    filter: prefixes
      ? streamNameFilter({ prefixes: [...prefixes], checkpointInterval: 1, checkpointReached })
      : excludeSystemEvents({ checkpointInterval: 1, checkpointReached }),
  })
  const pull: Live = pullFrom<AllStreamResolvedEvent, Mark>(subscription)
  subscription.on('confirmation', () => pull.mark({ kind: 'confirmed' }))
  subscription.on('caughtUp', () => pull.mark({ kind: 'caughtUp' }))
  return pull
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)

/** Follows all streams from a place on, over cuts, until the signal. */
export const follow = (
  on: Subscribing,
  { after, streamPrefixes }: SubscriptionOptions,
  signal: AbortSignal,
): AsyncIterable<SubscriptionItem> => {
  const given = after === 'end' || after === null ? null : parsePosition(on.epoch, after)
  // Asked now and not at the first pull: what is appended between the two is new. Failing, it is asked again later.
  const start = after === 'end' ? newestPlace(on).catch(() => 'unknown' as const) : Promise.resolve(given)
  return run(on, start, streamPrefixes, signal)
}

async function* run(
  on: Subscribing,
  start: Promise<Place | null | 'unknown'>,
  prefixes: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionItem> {
  let from = await start
  let backoff = BACKOFF_MS_MIN
  while (!signal.aborted) {
    try {
      if (from === 'unknown') from = await newestPlace(on)
      for await (const { item, place } of once(on, from, prefixes, signal)) {
        backoff = BACKOFF_MS_MIN
        from = place
        if (item) yield item
      }
    } catch (error) {
      if (signal.aborted) return
      on.log.warn({ error: String(error), backoff }, 'the subscription was cut, subscribing again')
    }
    await pause(backoff * (0.5 + Math.random() / 2), signal)
    backoff = Math.min(backoff * 2, BACKOFF_MS_MAX)
  }
}

type Step = { readonly item: SubscriptionItem | null; readonly place: Place | null }

const hasPrefix = (stream: string, prefixes: readonly string[] | undefined): boolean =>
  !prefixes || prefixes.some(prefix => stream.startsWith(prefix))

const stepOf = (
  { epoch }: Subscribing,
  next: { readonly item: AllStreamResolvedEvent } | { readonly mark: Mark },
  last: Place | null,
  prefixes: readonly string[] | undefined,
): Step => {
  if ('item' in next) {
    const place = placeOfEvent(next.item)
    const wanted = isVisible(next.item) && hasPrefix(next.item.event!.streamId, prefixes)
    if (wanted) return { item: { kind: 'event', event: toStoredEvent(epoch, next.item) }, place }
    return { item: { kind: 'checkpoint', position: makePosition(epoch, place) }, place }
  }
  if (next.mark.kind === 'checkpoint') {
    const { place } = next.mark
    return { item: { kind: 'checkpoint', position: makePosition(epoch, place) }, place }
  }
  return { item: next.mark.kind === 'caughtUp' ? { kind: 'caughtUp' } : null, place: last }
}

/** One subscription of the client, until it is cut (throws or ends) or the signal. */
async function* once(
  on: Subscribing,
  from: Place | null,
  prefixes: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const pull = open(on, from, prefixes)
  signal.addEventListener('abort', pull.close, { once: true })
  let last = from
  let waitMs = on.deadlineMs
  let silences = 0
  try {
    while (!signal.aborted) {
      const next = await pull.next(waitMs).catch(async (error: unknown) => {
        if (!(error instanceof PullTimeout) || waitMs === on.deadlineMs) throw error
        if (++silences > 1 && ((await newestPlace(on))?.commit ?? 0n) > (last?.commit ?? 0n)) throw error
        return 'silence' as const
      })
      if (next === 'silence') continue
      if (next === null || signal.aborted) return
      // Confirmed: from here on silence only means that nothing happens.
      waitMs = Math.max(SILENCE_MS_MAX, on.deadlineMs + 1)
      silences = 0
      const step = stepOf(on, next, last, prefixes)
      last = step.place
      yield step
    }
  } finally {
    signal.removeEventListener('abort', pull.close)
    pull.close()
  }
}
