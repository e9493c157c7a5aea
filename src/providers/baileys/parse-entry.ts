import { normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import type { Address, InboundItem, Party } from '../provider.ts'
import type { Entry, Envelope } from './entry.ts'
import { isOnlyKeys } from './entry.ts'
import { addressOf, ignoredChat, partyAddresses } from './jids.ts'
import { isNestedDeeperThan } from '../../shared/nesting.ts'
import { parseContent, type ParsedContent, type SealedMedia } from './parse-content.ts'
import { isoAt, parseReceipt } from './parse-receipt.ts'

/** What is asked of the rest of the session while an entry is read. */
export type ParseTools = {
  /** Our own addresses. */
  readonly me: () => readonly Address[]
  phoneOfLid(lid: string): Promise<string | null>
  lidOfPhone(phone: string): Promise<string | null>
  groupName(jid: string): Promise<string | null>
  /** Our reference of a message that we sent. */
  refOf(providerMessageId: string): Promise<string | null>
  /** Whether the message with this id was shown as undecryptable before. */
  wasShown(providerMessageId: string): boolean
  /** Keeps where the file lies; answers the name by which it is fetched. */
  keepMedia(providerMessageId: string, media: SealedMedia): Promise<string>
}

const REVOKE = proto.Message.ProtocolMessage.Type.REVOKE
const EDIT = proto.Message.ProtocolMessage.Type.MESSAGE_EDIT

/** One entry of the journal in the engine's words, mostly one item. */
export const parseEntry = async (entry: Entry, tools: ParseTools): Promise<InboundItem[]> => {
  switch (entry.kind) {
    case 'item':
      return [entry.item]
    case 'receipt':
      return parseReceipt(entry, tools)
    case 'undecryptable': {
      const ignored = ignoredChat(entry.key.remoteJid ?? '')
      if (ignored) return [{ item: 'ignored', kind: ignored }]
      const base = await baseOf(entry, tools)
      if (!base) return [{ item: 'ignored', kind: 'nobody' }]
      const raw = { key: { ...entry.key }, reason: entry.reason }
      return [
        { item: 'message', message: { type: 'message', ...base, kind: 'undecryptable', text: '', raw } },
      ]
    }
    case 'message':
      return parseMessage(entry, tools)
  }
}

/** What people send is some ten deep; a quotation brings what it quotes, but not what that one quotes. */
const NESTING_MAX = 100

type Said = {
  readonly message: proto.IMessage
  /** Unwrapped. */
  readonly content: proto.IMessage
  readonly parsed: ParsedContent
  readonly raw: unknown
}

/**
 * `null`: it cannot be read. Whoever wrote it chose its bytes, and some are nested so deep that all who walk them fail: each
 * time anew, while everything of the session that came after them would wait.
 */
const saidIn = (bytes: string): Said | null => {
  try {
    const message = proto.Message.decode(Buffer.from(bytes, 'base64'))
    const content = normalizeMessageContent(message) ?? {}
    const raw = rawOf(content)
    if (isNestedDeeperThan(NESTING_MAX, raw)) return null
    return { message, content, parsed: parseContent(content), raw: JSON.parse(raw) }
  } catch {
    return null
  }
}

const parseMessage = async (
  entry: Extract<Entry, { kind: 'message' }>,
  tools: ParseTools,
): Promise<InboundItem[]> => {
  const ignored = ignoredChat(entry.key.remoteJid ?? '')
  if (ignored) return [{ item: 'ignored', kind: ignored }]
  const opened = saidIn(entry.message)
  if (opened && isOnlyKeys(opened.message)) return [{ item: 'ignored', kind: 'keys' }]
  const base = await baseOf(entry, tools)
  if (!base) return [{ item: 'ignored', kind: 'nobody' }]
  if (!opened) return [unreadable(entry, base)]
  const { content, parsed, raw } = opened
  const { reactionMessage: reaction, protocolMessage: order } = content
  if (reaction) {
    const target = reaction.key?.id
    if (!target) return [{ item: 'ignored', kind: 'reaction' }]
    const emoji = (reaction.text ?? '').slice(0, 64)
    return [{ item: 'message', message: { type: 'reaction', ...base, target, emoji } }]
  }
  if (order) return orderItems(order, base)
  if (content.pollUpdateMessage || content.pinInChatMessage || content.keepInChatMessage)
    return [{ item: 'ignored', kind: 'protocol' }]
  const { quoted, media, ...said } = parsed
  const ref = base.fromMe ? await tools.refOf(base.providerMessageId) : null
  const file = media && {
    mime: media.mime,
    providerMediaId: await tools.keepMedia(base.providerMessageId, media),
    ...(media.name === undefined ? {} : { name: media.name }),
    ...(media.size === undefined ? {} : { size: media.size }),
    ...(media.sha256 === undefined ? {} : { sha256: media.sha256 }),
  }
  const shown = tools.wasShown(base.providerMessageId)
  return [
    {
      item: 'message',
      message: {
        type: 'message',
        ...base,
        ...said,
        ...(ref ? { ref } : {}),
        ...(file ? { media: file } : {}),
        ...(quoted ? { quotedProviderMessageId: quoted } : {}),
        ...(shown ? { deciphered: true } : {}),
        raw: { key: { ...entry.key }, message: raw },
      },
    },
  ]
}

/** Shown as a placeholder; the bytes are kept, should somebody learn to read them. */
const unreadable = (entry: Extract<Entry, { kind: 'message' }>, base: Base): InboundItem => ({
  item: 'message',
  message: {
    type: 'message',
    ...base,
    kind: 'unsupported',
    text: 'unsupported: message',
    raw: { key: { ...entry.key }, bytes: entry.message },
  },
})

type Base = NonNullable<Awaited<ReturnType<typeof baseOf>>>

const orderItems = (order: proto.Message.IProtocolMessage, base: Base): InboundItem[] => {
  const target = order.key?.id
  if (order.type === REVOKE && target)
    return [{ item: 'message', message: { type: 'revoke', ...base, target } }]
  if (order.type === EDIT && target) {
    const { text } = parseContent(normalizeMessageContent(order.editedMessage) ?? {})
    return [{ item: 'message', message: { type: 'edit', ...base, target, text } }]
  }
  return [{ item: 'ignored', kind: 'protocol' }]
}

/** As JSON, without the pictures that are only for showing before the file is there. @throws RangeError */
const rawOf = (content: proto.IMessage): string =>
  JSON.stringify(proto.Message.fromObject(content).toJSON(), (name, value: unknown) =>
    name === 'jpegThumbnail' || name === 'JPEGThumbnail' || name === 'waveform' ? undefined : value,
  )

/** A person's addresses, with the other one that we learnt before where WhatsApp gives only one. */
export const personOf = async (
  tools: Pick<ParseTools, 'phoneOfLid' | 'lidOfPhone'>,
  ...jids: readonly (string | null | undefined)[]
): Promise<Address[]> => {
  const given = partyAddresses(...jids)
  const lid = given.find(({ kind }) => kind === 'lid')?.value
  const phone = given.find(({ kind }) => kind === 'phone')?.value
  if (lid && !phone) {
    const found = await tools.phoneOfLid(lid)
    return found ? [{ kind: 'phone', value: found }, ...given] : given
  }
  if (phone && !lid) {
    const found = await tools.lidOfPhone(phone)
    return found ? [...given, { kind: 'lid', value: found }] : given
  }
  return given
}

/** What WhatsApp names beside a chat may be ourselves, where we wrote. */
const isOwn = (tools: ParseTools, jid: string | undefined): boolean => {
  const address = jid ? addressOf(jid) : null
  return tools.me().some(({ kind, value }) => kind === address?.kind && value === address.value)
}

const baseOf = async (entry: Envelope, tools: ParseTools) => {
  const { key, at, name, late } = entry
  const fromMe = key.fromMe === true
  const chatJid = key.remoteJid ?? ''
  const group = addressOf(chatJid)?.kind === 'group'
  const named = name ? { name: name.slice(0, 512) } : {}
  const addresses = group
    ? partyAddresses(chatJid)
    : await personOf(tools, chatJid, isOwn(tools, key.remoteJidAlt) ? null : key.remoteJidAlt)
  const author: Party = fromMe
    ? { addresses: [...tools.me()], ...named }
    : { addresses: group ? await personOf(tools, key.participant, key.participantAlt) : addresses, ...named }
  if (!key.id || addresses.length === 0 || author.addresses.length === 0) return null
  const subject = group ? await tools.groupName(chatJid) : null
  const chatName = group ? (subject ? { name: subject } : {}) : fromMe ? {} : named
  return {
    providerMessageId: key.id,
    chat: { addresses, group, ...chatName },
    author,
    sentAt: isoAt(at),
    late,
    fromMe,
  }
}
