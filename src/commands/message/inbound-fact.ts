import type { DecidedFact } from '../../actors/aggregate.ts'
import type { ChannelAddress } from '../../events/conversation.ts'
import { StoreUnavailable } from '../../eventstore/port.ts'
import { isoNow } from '../../shared/clock.ts'
import { keyedId } from '../../shared/ids.ts'
import type { Act } from '../act.ts'
import { canonicalAddresses } from '../contact/addresses.ts'
import type { InboundContent } from './inbound.ts'

/** Bytes of a raw payload that still go into the fact; larger ones go to the media store by hash. */
const RAW_BYTES_MAX = 32 * 1024
/** UTF-16 units of a text that still fit into a fact of 256 KiB once sealed; the raw payload keeps the whole. */
const BODY_LENGTH_MAX = 50_000

/**
 * The identity of a provider's message within a company: (session, chat, author, provider id), keyed with the tenant's
 * secret because provider ids carry phone numbers. The same message gives the same id on every node, for ever.
 */
export const messageIdOf = (
  tenantKey: Buffer,
  sessionId: string,
  message: {
    readonly chat: { readonly addresses: readonly ChannelAddress[] }
    readonly author: { readonly addresses: readonly ChannelAddress[] }
    readonly providerMessageId: string
  },
): string =>
  keyedId(
    tenantKey,
    'message',
    sessionId,
    firstOf(message.chat.addresses),
    firstOf(message.author.addresses),
    message.providerMessageId,
  )

const firstOf = (addresses: readonly ChannelAddress[]): string => {
  const [first] = canonicalAddresses(addresses)
  return first ? `${first.kind}:${first.value}` : ''
}

type Place = {
  readonly sessionId: string
  readonly messageId: string
  readonly contactId: string
  readonly authorId: string
}

/** What a message says, apart from who said it and when. `rawKey`: where a raw payload went that was too long. */
const saidIn = async (act: Act, message: InboundContent) => {
  const raw = JSON.stringify(message.raw)
  const cut = message.text.length > BODY_LENGTH_MAX
  const rawKey =
    cut || Buffer.byteLength(raw) > RAW_BYTES_MAX
      ? await act.tools.keepRaw(act.principal.companyId, raw)
      : undefined
  const media = message.media && {
    mime: message.media.mime,
    atChannel: true,
    ...(message.media.size === undefined ? {} : { size: message.media.size }),
    ...(message.media.sha256 === undefined ? {} : { sha256: message.media.sha256 }),
  }
  const personal = {
    body: cut ? message.text.slice(0, BODY_LENGTH_MAX) : message.text,
    ...(message.media?.name === undefined ? {} : { mediaName: message.media.name }),
    ...(message.media ? { mediaAddress: message.media.providerMediaId } : {}),
    ...(rawKey ? {} : { raw: message.raw }),
  }
  return { open: { kind: message.kind, ...(media ? { media } : {}) }, personal, rawKey }
}

/** What only a customer's message says: what it is about, and its structured part. */
const besides = async (act: Act, sessionId: string, message: InboundContent, rawKey: string | undefined) => {
  const quoted = await quotedId(act, sessionId, message)
  return {
    open: { ...(quoted ? { quotedMessageId: quoted } : {}), ...(rawKey ? { rawKey } : {}) },
    personal: message.details === undefined ? {} : { details: message.details },
  }
}

/** The fact for a message with content: `message.received`, or `message.mirrored` for what the company wrote elsewhere. */
export const contentFact = async (act: Act, message: InboundContent, place: Place): Promise<DecidedFact> => {
  const said = await saidIn(act, message)
  const open = {
    messageId: place.messageId,
    ...said.open,
    sentAt: message.sentAt,
    receivedAt: isoNow(act.tools.clock),
    late: message.late,
    ...(message.history ? { history: true as const } : {}),
  }
  const personal = { ...said.personal, providerMessageId: message.providerMessageId }
  if (message.fromMe)
    return {
      type: 'message.mirrored',
      subject: place.contactId,
      data: { ...open, rawKey: said.rawKey ?? null, personal },
    }
  const more = await besides(act, place.sessionId, message, said.rawKey)
  return {
    type: 'message.received',
    subject: place.authorId,
    data: {
      ...open,
      authorId: place.authorId,
      ...more.open,
      personal: { ...personal, ...more.personal },
    },
  }
}

/** The fact that a message which could not be opened says this. */
export const decipheredFact = async (
  act: Act,
  message: InboundContent,
  place: { readonly sessionId: string; readonly messageId: string; readonly subject: string },
): Promise<DecidedFact> => {
  const said = await saidIn(act, message)
  const more = await besides(act, place.sessionId, message, said.rawKey)
  return {
    type: 'message.deciphered',
    subject: place.subject,
    data: {
      messageId: place.messageId,
      ...said.open,
      ...more.open,
      at: isoNow(act.tools.clock),
      personal: { ...said.personal, ...more.personal },
    },
  }
}

/** A quoted message is looked up once: one that we never saw is simply not linked. */
const quotedId = async (act: Act, sessionId: string, message: InboundContent): Promise<string | null> => {
  if (message.quotedProviderMessageId === undefined) return null
  const { companyId } = act.principal
  try {
    const id = message.quotedProviderMessageId
    const found = await act.tools.messageByProviderId(companyId, sessionId, id)
    return found?.messageId ?? null
  } catch (error) {
    // A message is not kept waiting for the link to what it quotes.
    if (error instanceof StoreUnavailable) return null
    throw error
  }
}
