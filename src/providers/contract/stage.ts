import type {
  Address,
  ConnectionHandlers,
  ConnectOptions,
  ContactCard,
  InboundKind,
  OutboundKind,
  Provider,
} from '../provider.ts'

/** What the customer does on their phone. Ids are the provider's of the message that is answered, quoted or changed. */
export type Written =
  | { readonly kind: 'text'; readonly text: string; readonly quoted?: string }
  | {
      readonly kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'
      readonly mime: string
      readonly bytes: Buffer
      /** The caption; only of kinds that the channel gives one. */
      readonly text?: string
      readonly name?: string
    }
  | {
      readonly kind: 'location'
      readonly latitude: number
      readonly longitude: number
      readonly name: string
    }
  | { readonly kind: 'contacts'; readonly card: ContactCard }
  /** Chose one of the offered answers. */
  | { readonly kind: 'interactive'; readonly id: string; readonly title: string }
  /** Something that we cannot show. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'reaction'; readonly target: string; readonly emoji: string }
  | { readonly kind: 'edit'; readonly target: string; readonly text: string }
  | { readonly kind: 'revoke'; readonly target: string }
export type WrittenKind = Exclude<InboundKind, 'undecryptable'> | 'reaction' | 'edit' | 'revoke'

/** What the customer reads of one of ours. What a channel does not show as such (a list's rows …) stands in `body`. */
export type Seen = {
  readonly providerMessageId: string
  readonly body: string
  readonly kind?: OutboundKind
  readonly file?: Uint8Array
  /** The message that is quoted, reacted to, edited or revoked. */
  readonly target?: string
  readonly emoji?: string
  readonly latitude?: number
  readonly longitude?: number
  /** Names on the cards. */
  readonly cards?: readonly string[]
  /** Titles that can be chosen. */
  readonly choices?: readonly string[]
  /** A template's name and what fills it. */
  readonly template?: readonly string[]
}

/**
 * The other side of the channel, at the other end of a real socket: the customer's phone, the delivery receipts, the
 * trouble. What is optional is asked only of channels that have it.
 */
export type ContractStage = {
  readonly provider: Provider
  /** Whom we write to, if not by phone number. */
  readonly customer?: Address
  /** Right credentials of one session. */
  readonly options: (handlers: ConnectionHandlers) => ConnectOptions
  /** Wrong ones, where the channel has any. */
  readonly wrongOptions?: (handlers: ConnectionHandlers) => ConnectOptions
  /** The customer writes. Resolves once the channel was told that it is ours, rejects when it was not. */
  write(text: string, id: string): Promise<void>
  /** As `write`, for every kind named in `receives`. */
  does?(written: Written, id: string): Promise<void>
  /** The customer's phone says how far one of our messages got. */
  tell(providerMessageId: string, ack: 'delivered' | 'read'): Promise<void>
  /** What was accepted for sending, oldest first. */
  sent(): Promise<readonly Seen[]>
  /** Which messages the customer was told to be read. */
  read?(): Promise<readonly string[]>
  /** Whether the customer sees somebody writing. */
  seesTyping?(): Promise<boolean>
  /** The customer begins to write. */
  types?(): Promise<void>
  /** From now on: accepted, but the answer gets lost. */
  loseAnswers(): Promise<void>
  /** From now on: refused for good. */
  refuse(): Promise<void>
  /** The peer is gone. */
  vanish(): Promise<void>
  stop(): Promise<void>
}
