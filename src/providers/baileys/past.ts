import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { InboundItem, SessionStore } from '../provider.ts'
import type { Reserved } from './journal.ts'

/**
 * What the phone shares of its past. WhatsApp tells of it in a message that names a file; as soon as that message has its
 * receipt, nobody tells of it again. So the message lies here from the same moment on in which the key for it is gone, until
 * all that the file says is durable. A file that cannot be had is tried again for some hours, and then given up: with a word
 * in the log, and a gap on the session.
 */
export type Past = {
  /** The notification as a change of the drawer, for whoever commits it; `committed` then begins with it. */
  reserve(notice: proto.Message.IHistorySyncNotification): Reserved
  start(): void
  /** Resolves when nothing is under way. */
  stop(): Promise<void>
}

type Kept = {
  /** The notification, base64. */
  readonly notice: string
  /** When it came, milliseconds. */
  readonly at: number
  /** How often its file could not be had. */
  readonly failed: number
}
type Waiting = { readonly key: string; kept: Kept }

const PREFIX = 'past/'
const KEY_DIGITS = 16
/** With the pauses between them: about four hours. */
const ATTEMPTS_MAX = 12
const RETRY_MS = 5_000
const RETRY_MS_MAX = 30 * 60_000
const ITEMS_MAX = 50

export type PastTools = {
  readonly store: SessionStore
  /** What the file of a notification says, in the engine's words. @throws Error when it cannot be had. */
  readonly read: (notice: proto.Message.IHistorySyncNotification) => Promise<readonly InboundItem[]>
  /** Resolves when durable. */
  readonly onItems: (items: readonly InboundItem[]) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

const load = async (store: SessionStore): Promise<Waiting[]> => {
  const keys = await store.keys(PREFIX)
  const found = await store.get(keys)
  return keys.flatMap(key => {
    const text = found.get(key)
    return text === undefined ? [] : [{ key, kept: JSON.parse(text) as Kept }]
  })
}

const noticeOf = ({ notice }: Kept): proto.Message.IHistorySyncNotification =>
  proto.Message.HistorySyncNotification.decode(Buffer.from(notice, 'base64'))

export const openPast = async ({ store, read, onItems, clock, log }: PastTools): Promise<Past> => {
  const waiting = await load(store)
  let next = Math.max(Number(waiting.at(-1)?.key.slice(PREFIX.length) ?? 0) + 1, clock.now() * 1_000)
  let started = false
  let stopped = false
  let stopNow = (): void => {}
  const stopping = new Promise<null>(resolve => (stopNow = () => resolve(null)))
  let atWork: Promise<void> | null = null
  let wake = (): void => {}

  const pause = (ms: number): Promise<void> =>
    new Promise(resolve => {
      const cancel = clock.after(ms, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })

  const giveUp = async ({ kept }: Waiting): Promise<readonly InboundItem[]> => {
    const oldest = Number(String(noticeOf(kept).oldestMsgInChunkTimestampSec ?? 0)) * 1_000
    const to = new Date(kept.at).toISOString()
    const from = oldest > 0 && oldest < kept.at ? new Date(oldest).toISOString() : to
    log.error({ from, to, attempts: kept.failed }, 'a part of the past could not be had and is given up')
    return [{ item: 'gap', from, to }]
  }

  /** `null`: it could not be had this time. */
  const itemsOf = async (one: Waiting): Promise<readonly InboundItem[] | null> => {
    if (one.kept.failed >= ATTEMPTS_MAX) return giveUp(one)
    try {
      // Nobody who closes waits for a file: the next one reads it from its beginning.
      return await Promise.race([read(noticeOf(one.kept)), stopping])
    } catch (error) {
      if (stopped) return null
      const failed = one.kept.failed + 1
      log.warn({ err: error, failed }, 'a part of the past could not be had yet')
      one.kept = { ...one.kept, failed }
      await store.commit(new Map([[one.key, JSON.stringify(one.kept)]]))
      return failed >= ATTEMPTS_MAX ? giveUp(one) : null
    }
  }

  /** Answers whether it is done with. */
  const take = async (one: Waiting): Promise<boolean> => {
    const items = await itemsOf(one)
    if (!items) return false
    // By the piece, so that what comes live meanwhile finds its way between them.
    for (let at = 0; at < items.length; at += ITEMS_MAX) {
      if (stopped) return false
      await onItems(items.slice(at, at + ITEMS_MAX))
    }
    await store.commit(new Map([[one.key, null]]))
    return true
  }

  const work = async (): Promise<void> => {
    let ms = RETRY_MS
    for (let one = waiting[0]; one && !stopped; one = waiting[0]) {
      const done = await take(one).catch((error: unknown) => {
        if (!stopped) log.warn({ err: error }, 'a part of the past could not be made durable yet')
        return false
      })
      if (done) {
        waiting.shift()
        ms = RETRY_MS
      } else if (!stopped) {
        await pause(ms)
        ms = Math.min(ms * 2, RETRY_MS_MAX)
      }
    }
  }
  const run = (): void => {
    if (!started || stopped || atWork) return
    atWork = work().finally(() => {
      atWork = null
      if (waiting.length > 0) run()
    })
  }

  return {
    reserve: notice => {
      const key = `${PREFIX}${String(next++).padStart(KEY_DIGITS, '0')}`
      const bytes = proto.Message.HistorySyncNotification.encode(
        proto.Message.HistorySyncNotification.create(notice),
      ).finish()
      const kept: Kept = { notice: Buffer.from(bytes).toString('base64'), at: clock.now(), failed: 0 }
      return {
        changes: { [key]: JSON.stringify(kept) },
        committed: () => {
          waiting.push({ key, kept })
          run()
        },
      }
    },
    start: () => {
      started = true
      run()
    },
    stop: async () => {
      stopped = true
      stopNow()
      wake()
      await atWork
    },
  }
}

const packed = promisify(deflate)

/**
 * The same notification with nothing in its file, as Baileys is to see it: it goes its way from syncing to online, and what is
 * shared is read by us alone.
 */
export const hollow = async (message: proto.IMessage): Promise<Uint8Array> => {
  const notice = message.protocolMessage?.historySyncNotification
  const { syncType, progress, chunkOrder, peerDataRequestSessionId } = notice ?? {}
  const nothing = proto.HistorySync.encode(
    proto.HistorySync.create({
      syncType: (syncType ?? proto.HistorySync.HistorySyncType.RECENT) as number,
      progress: progress ?? 0,
    }),
  ).finish()
  const seen = proto.Message.create({
    ...message,
    protocolMessage: {
      ...message.protocolMessage,
      historySyncNotification: {
        ...(syncType === undefined ? {} : { syncType }),
        ...(progress === undefined ? {} : { progress }),
        ...(chunkOrder === undefined ? {} : { chunkOrder }),
        ...(peerDataRequestSessionId === undefined ? {} : { peerDataRequestSessionId }),
        initialHistBootstrapInlinePayload: await packed(nothing),
      },
    },
  })
  // One byte of padding, which says how many there are.
  return Buffer.concat([proto.Message.encode(seen).finish(), Buffer.of(1)])
}
