import {
  decodeMessageNode,
  proto,
  unpadRandomMax16,
  type BinaryNode,
  type WAMessageKey,
} from '@whiskeysockets/baileys'
import type { InboundItem } from '../provider.ts'

/** What the journal keeps: as WhatsApp gave it, so that what we make of it may get better. */
export type Entry =
  | (Envelope & {
      readonly kind: 'message'
      /** The opened `proto.Message`, base64. */ readonly message: string
    })
  | (Envelope & { readonly kind: 'undecryptable'; readonly reason: string })
  | {
      readonly kind: 'receipt'
      readonly attrs: { readonly [name: string]: string }
      readonly ids: readonly string[]
    }
  | { readonly kind: 'item'; readonly item: InboundItem }

export type Envelope = {
  readonly key: WAMessageKey
  /** Milliseconds. */
  readonly at: number
  /** The name that the author gives himself. */
  readonly name?: string
  readonly late: boolean
}

export type Me = { readonly id: string; readonly lid: string }

/** Whom a stanza is from and where to. @throws Error for a stanza that is no message. */
export const envelopeOf = (stanza: BinaryNode, me: Me): Envelope => {
  const { fullMessage } = decodeMessageNode(stanza, me.id, me.lid)
  const { key, pushName, messageTimestamp } = fullMessage
  return {
    key,
    at: Number(messageTimestamp) * 1_000,
    ...(pushName ? { name: pushName } : {}),
    late: stanza.attrs['offline'] !== undefined,
  }
}

/** The opened message, without the shell in which own devices tell each other what they sent. */
export const openedMessage = (plaintext: Uint8Array): proto.IMessage => {
  const message = proto.Message.decode(unpadRandomMax16(plaintext))
  return message.deviceSentMessage?.message ?? message
}

/** Nothing but a key for a group: Baileys takes it, nobody reads it. */
export const isOnlyKeys = (message: proto.IMessage): boolean =>
  Object.entries(message).every(
    ([name, value]) =>
      value === null ||
      value === undefined ||
      name === 'senderKeyDistributionMessage' ||
      name === 'messageContextInfo',
  )
