import { createInflate } from 'node:zlib'
import { pipeline } from 'node:stream/promises'
import { processHistoryMessage, proto, type WAMessage } from '@whiskeysockets/baileys'
import type { InboundItem } from '../provider.ts'
import type { Entry } from './entry.ts'
import { entryOf } from './entry-of.ts'
import { addressOf } from './jids.ts'
import { openMedia } from './media.ts'

type Notice = proto.Message.IHistorySyncNotification
type Shared = ReturnType<typeof processHistoryMessage>

export type HistoryTools = {
  /** With a local WhatsApp: its store is asked on loopback. */
  readonly local: boolean
  readonly settings: {
    readonly historySync?: boolean | undefined
    readonly importContacts?: boolean | undefined
  }
  readonly itemsOf: (entry: Entry) => Promise<readonly InboundItem[]>
  /** These ids are one person's. `null`: nothing to say of them. */
  readonly party: (name: string | undefined, ...jids: readonly (string | undefined)[]) => InboundItem | null
  /** Keeps whose hidden ids are whose, for what comes later. */
  readonly keepMappings: (pairs: Shared['lidPnMappings']) => Promise<void>
  /** Keeps the tokens with which people let us write to them. */
  readonly keepTokens: (chats: Shared['chats']) => Promise<void>
}

/** More than that no phone shares at once. */
const HISTORY_BYTES_MAX = 256 * 1024 * 1024

const inflated = async (packed: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  await pipeline(packed, createInflate(), async function (plain: AsyncIterable<Buffer>) {
    for await (const chunk of plain) {
      size += chunk.length
      if (size > HISTORY_BYTES_MAX) throw new Error('the past is larger than any phone shares')
      chunks.push(chunk)
    }
  })
  return Buffer.concat(chunks)
}

const once = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const fileOf = async (notice: Notice, local: boolean): Promise<AsyncIterable<Uint8Array>> => {
  const inline = notice.initialHistBootstrapInlinePayload
  if (inline?.length) return once(inline)
  if (!notice.mediaKey?.length || !notice.directPath) throw new Error('the notification names no file')
  return openMedia(
    {
      type: 'md-msg-hist',
      mime: 'application/octet-stream',
      key: Buffer.from(notice.mediaKey).toString('base64'),
      path: notice.directPath,
      ...(notice.fileSha256?.length ? { sha256: Buffer.from(notice.fileSha256).toString('hex') } : {}),
    },
    local,
  )
}

/** Phones give the past chat by chat, the newest first. What was said within one second stays as it was said. */
const oldestFirst = (messages: readonly WAMessage[]): WAMessage[] =>
  messages
    .toReversed()
    .toSorted((a, b) => Number(String(a.messageTimestamp ?? 0)) - Number(String(b.messageTimestamp ?? 0)))

/** The other id of each chat, both ways: a message of the past names one only. */
const othersOf = (pairs: Shared['lidPnMappings']): ReadonlyMap<string, string> =>
  new Map((pairs ?? []).flatMap(({ lid, pn }) => [[lid, pn] as const, [pn, lid] as const]))

const complete = (message: WAMessage, others: ReadonlyMap<string, string>): WAMessage => {
  const { key } = message
  const participant = key.participant ?? message.participant
  const chatAlt = key.remoteJidAlt ?? others.get(key.remoteJid ?? '')
  const authorAlt = key.participantAlt ?? others.get(participant ?? '')
  return {
    ...message,
    key: {
      ...key,
      ...(participant ? { participant } : {}),
      ...(chatAlt ? { remoteJidAlt: chatAlt } : {}),
      ...(authorAlt ? { participantAlt: authorAlt } : {}),
    },
  }
}

/** A message of the past carries what people set under it, each as a message of its own would have said it. */
const reactionsOn = (message: WAMessage): WAMessage[] =>
  (message.reactions ?? []).flatMap(({ key, text, senderTimestampMs }) => {
    if (!key?.id || !text) return []
    const at = Math.floor(Number(String(senderTimestampMs ?? 0)) / 1_000)
    return [
      {
        key: { ...key, id: key.id, remoteJid: message.key.remoteJid ?? null },
        messageTimestamp: at > 0 ? at : (message.messageTimestamp ?? 0),
        message: { reactionMessage: { key: message.key, text } },
      } as WAMessage,
    ]
  })

const asHistory = (item: InboundItem): InboundItem =>
  item.item === 'message' ? { ...item, message: { ...item.message, history: true } } : item

/** What a part of the past says, in the engine's words: who is whom, then what was said, the oldest first. @throws Error */
export const readHistory = async (notice: Notice, tools: HistoryTools): Promise<readonly InboundItem[]> => {
  const { settings, party } = tools
  const shared = processHistoryMessage(
    proto.HistorySync.decode(await inflated(await fileOf(notice, tools.local))),
  )
  const pairs = shared.lidPnMappings ?? []
  await tools.keepMappings(pairs)
  await tools.keepTokens(shared.chats)
  const others = othersOf(pairs)
  const items: InboundItem[] = []
  const add = (item: InboundItem | null): void => void (item && items.push(item))
  for (const { lid, pn } of pairs) add(party(undefined, lid, pn))
  if (settings.importContacts)
    for (const { name, id, lid, phoneNumber } of shared.contacts) {
      if (addressOf(id)?.kind === 'group') continue
      add(party(name, id, lid ?? undefined, phoneNumber ?? undefined, others.get(id)))
    }
  if (settings.historySync)
    for (const message of oldestFirst(shared.messages))
      for (const one of [message, ...reactionsOn(message)]) {
        const entry = entryOf(complete(one, others), true)
        if (entry) items.push(...(await tools.itemsOf(entry)).map(asHistory))
      }
  return items
}
