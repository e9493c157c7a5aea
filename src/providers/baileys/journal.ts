import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { InboundItem, SessionStore } from '../provider.ts'

/**
 * What came in and is not a fact yet. WhatsApp is told "received" as soon as a message is decrypted, and never gives it again
 * after that; so what was decrypted lies here from the same moment on in which the key for it is gone.
 *
 *   stanza ─▶ [ratchet + entry: one commit] ─▶ receipt to WhatsApp
 *                     └──▶ handed on, in order ─▶ durable as facts ─▶ entry removed, with what comes next or soon
 *
 * Whatever is found at a start was left by a death in between, and goes first: facts know what they are made of, so that what was
 * only not removed yet is no second one.
 */
export type Journal<Entry> = {
  /** The next entry as a change of the drawer, for whoever commits it; `committed` then hands it on. */
  reserve(entry: Entry): Reserved
  /** Keeps it and hands it on. */
  add(entry: Entry): Promise<void>
  /** Begins handing on. */
  start(): void
  /** Removes at once what is done. */
  tidy(): Promise<void>
  /** Hands nothing on any more; resolves when nothing is under way. */
  stop(): Promise<void>
  /** How many wait or are under way. */
  size(): number
}

/** The changes bring the entry in and remove what is done. */
export type Reserved = {
  readonly changes: { readonly [key: string]: string | null }
  /** What Baileys sees instead of what was opened. */
  readonly instead?: Uint8Array
  committed(): void
}

const PREFIX = 'in/'
/** So that keys in order are numbers in order: microseconds, about, so that two connections never name two entries alike. */
const KEY_DIGITS = 16
const BATCH_MAX = 50
/** How long what is done lies there at most when nothing comes. */
const REMOVE_AFTER_MS = 1_000
const RETRY_MS = 500
const RETRY_MS_MAX = 10_000

export type JournalTools<Entry> = {
  readonly store: SessionStore
  /** What an entry means to us. An entry that means nothing is simply removed. */
  readonly itemsOf: (entry: Entry) => Promise<readonly InboundItem[]>
  /** Resolves when durable; a rejection means: again. */
  readonly onItems: (items: readonly InboundItem[]) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

type Waiting<Entry> = { readonly key: string; readonly entry: Entry }

const load = async <Entry>(store: SessionStore): Promise<Waiting<Entry>[]> => {
  const keys = await store.keys(PREFIX)
  const found = await store.get(keys)
  return keys.flatMap(key => {
    const text = found.get(key)
    return text === undefined ? [] : [{ key, entry: JSON.parse(text) as Entry }]
  })
}

export const openJournal = async <Entry>(tools: JournalTools<Entry>): Promise<Journal<Entry>> => {
  const { store, clock, log } = tools
  const waiting = await load<Entry>(store)
  let next = Math.max(Number(waiting.at(-1)?.key.slice(PREFIX.length) ?? 0) + 1, clock.now() * 1_000)
  let started = false
  let stopped = false
  let atWork: Promise<void> | null = null
  let underWay = 0
  let wake = (): void => {}
  /** Durable as facts, and not removed yet. */
  const done = new Set<string>()
  let cancelRemoval: (() => void) | null = null

  const pause = (ms: number): Promise<void> =>
    new Promise(resolve => {
      const cancel = clock.after(ms, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })

  const handOn = async (batch: readonly Waiting<Entry>[]): Promise<void> => {
    const items: InboundItem[] = []
    for (const { entry } of batch) items.push(...(await tools.itemsOf(entry)))
    if (items.length > 0) await tools.onItems(items)
    for (const { key } of batch) done.add(key)
    cancelRemoval ??= clock.after(REMOVE_AFTER_MS, () => void removeDone())
  }
  const removeDone = async (): Promise<void> => {
    cancelRemoval?.()
    cancelRemoval = null
    const keys = [...done]
    if (keys.length === 0) return
    try {
      await store.commit(new Map(keys.map(key => [key, null])))
      for (const key of keys) done.delete(key)
    } catch (error) {
      log.warn({ err: error, done: done.size }, 'what is done could not be removed yet')
      if (!stopped) cancelRemoval ??= clock.after(RETRY_MS_MAX, () => void removeDone())
    }
  }

  const work = async (): Promise<void> => {
    let ms = RETRY_MS
    while (!stopped && waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX)
      underWay = batch.length
      try {
        await handOn(batch)
        waiting.splice(0, batch.length)
        ms = RETRY_MS
      } catch (error) {
        if (stopped) break
        log.warn({ err: error, waiting: waiting.length }, 'what came in could not be handed on yet')
        await pause(ms)
        ms = Math.min(ms * 2, RETRY_MS_MAX)
      }
    }
    underWay = 0
  }
  const run = (): void => {
    if (!started || stopped || atWork) return
    atWork = work().finally(() => {
      atWork = null
      if (waiting.length > 0) run()
    })
  }

  const reserve: Journal<Entry>['reserve'] = entry => {
    const key = `${PREFIX}${String(next++).padStart(KEY_DIGITS, '0')}`
    const text = JSON.stringify(entry)
    const removed = [...done]
    return {
      changes: { ...Object.fromEntries(removed.map(gone => [gone, null])), [key]: text },
      committed: () => {
        for (const gone of removed) done.delete(gone)
        // As it would be read after a death: nothing that JSON does not carry.
        waiting.push({ key, entry: JSON.parse(text) as Entry })
        run()
      },
    }
  }
  return {
    reserve,
    add: async entry => {
      const { changes, committed } = reserve(entry)
      await store.commit(new Map(Object.entries(changes)))
      committed()
    },
    start: () => {
      started = true
      run()
    },
    tidy: removeDone,
    stop: async () => {
      stopped = true
      wake()
      await atWork
      await removeDone()
    },
    size: () => Math.max(waiting.length, underWay),
  }
}
