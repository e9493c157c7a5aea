/**
 * The provider port: what every channel (simulator, Cloud API, Baileys, …) looks like to the engine. A provider turns
 * what its channel speaks into these shapes and back, and knows nothing of tickets.
 */

/** A way to reach or recognise someone on a channel; most lasting first where there are several. */
export type Address = {
  readonly kind: 'phone' | 'lid' | 'bsuid' | 'username' | 'psid' | 'group'
  /** A phone number in digits with country code and no plus sign, otherwise the id as the provider spells it. */
  readonly value: string
}

export type Party = { readonly addresses: readonly Address[]; readonly name?: string }

export type InboundKind =
  | 'text'
  | 'image'
  | 'video'
  | 'audio'
  | 'voice'
  | 'document'
  | 'sticker'
  | 'location'
  | 'contacts'
  | 'interactive'
  | 'unsupported'
  | 'undecryptable'

export type InboundMedia = {
  readonly mime: string
  readonly name?: string
  readonly size?: number
  readonly sha256?: string
  /** The channel's id, for fetching it through `Connection.fetchMedia`. */
  readonly providerMediaId: string
}

type InboundBase = {
  /** The provider's id of this message; unique per session, chat and author. */
  readonly providerMessageId: string
  readonly chat: Party & { readonly group: boolean }
  /** The one who wrote; in a chat between two the same person as the chat. */
  readonly author: Party
  /** Sender's time, ISO 8601 UTC. */
  readonly sentAt: string
  /** It waited at the provider while we were offline. */
  readonly late: boolean
}

/** One thing that came in, normalised (BEHAVIOUR: intake). */
export type InboundMessage =
  | (InboundBase & {
      readonly type: 'message'
      /** Written by the company itself, from its phone or another device, or an echo of what we sent. */
      readonly fromMe: boolean
      /** Our own reference, when this is an echo of what we sent. */
      readonly ref?: string
      readonly kind: InboundKind
      /** Text or caption; for structured kinds a readable line. */
      readonly text: string
      readonly media?: InboundMedia
      /** Structured part of location, contacts, interactive. Plain JSON. */
      readonly details?: unknown
      readonly quotedProviderMessageId?: string
      /** What the provider sent, as plain JSON, kept for replay. */
      readonly raw: unknown
    })
  | (InboundBase & {
      readonly type: 'reaction'
      readonly fromMe: boolean
      readonly target: string
      readonly emoji: string
    })
  | (InboundBase & {
      readonly type: 'edit'
      readonly fromMe: boolean
      readonly target: string
      readonly text: string
    })
  | (InboundBase & { readonly type: 'revoke'; readonly fromMe: boolean; readonly target: string })

/** How far one of our messages got, as the provider tells it. */
export type DeliveryStatus = {
  readonly providerMessageId: string
  /** The reference that we gave when sending, where the channel carries it back. */
  readonly ref?: string
  readonly ack: 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  /** ISO 8601 UTC. */
  readonly at: string
  readonly error?: { readonly code: string; readonly reason: string; readonly retryable: boolean }
}

/** What came in, in the order in which it came. A handler that resolves has made all of it durable. */
export type InboundItem =
  | { readonly item: 'message'; readonly message: InboundMessage }
  | { readonly item: 'status'; readonly status: DeliveryStatus }
  /** Known and deliberately left out (status broadcast, newsletter …); only counted. */
  | { readonly item: 'ignored'; readonly kind: string }

export type OutboundMessage = {
  /** Our reference; travels with the message wherever the channel allows. */
  readonly ref: string
  readonly messageId: string
  readonly to: readonly Address[]
  readonly kind: 'text'
  readonly body: string
  readonly quotedProviderMessageId?: string
}

/**
 * What a send came to. `refused`: the channel did not take it, so trying again cannot double it (if `retryable`).
 * `unknown`: no answer; it may have been sent.
 */
export type SendResult =
  | { readonly outcome: 'sent'; readonly providerMessageId: string }
  | {
      readonly outcome: 'refused'
      readonly reason: string
      readonly code?: string
      readonly retryable: boolean
      readonly retryAfterMs?: number
    }
  | { readonly outcome: 'unknown'; readonly reason: string }

/** How a live connection is doing. The terminal ones (`logged-out` … `failed`) are never followed by another. */
export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'awaiting-scan'; readonly qr: string; readonly expiresInMs: number }
  | { readonly state: 'syncing' }
  | { readonly state: 'connected'; readonly account: string | null }
  /** Lost, may be tried again. */
  | { readonly state: 'closed'; readonly reason: string; readonly code?: string }
  | {
      readonly state: 'logged-out' | 'replaced' | 'restricted' | 'failed'
      readonly reason: string
      readonly code?: string
    }

export type ConnectionHandlers = {
  /** The provider acknowledges to its channel only after this resolved; a rejection means: deliver again. */
  onItems(items: readonly InboundItem[]): Promise<void>
  onState(state: ConnectionState): void
}

export type Connection = {
  /** Never throws for what the channel says: see `SendResult`. Gives up with `unknown` or `refused` after a time of its own. */
  send(message: OutboundMessage): Promise<SendResult>
  /** Tells the customer's phone that these were read. Best effort. */
  markRead(chat: readonly Address[], providerMessageIds: readonly string[]): Promise<void>
  /** The bytes of a media message. @throws Error when the channel no longer has it. */
  fetchMedia(
    providerMediaId: string,
  ): Promise<{ mime: string; size?: number; bytes: AsyncIterable<Uint8Array> }>
  /** Closes the socket without logging out. */
  close(): Promise<void>
}

export type SessionCredentials = { readonly [name: string]: string }

export type ConnectOptions = {
  readonly companyId: string
  readonly sessionId: string
  readonly credentials: SessionCredentials
  readonly settings: {
    readonly phoneNumberId?: string | undefined
    readonly businessAccountId?: string | undefined
  }
  readonly handlers: ConnectionHandlers
}

/** What a channel can and cannot do; what it cannot is refused with a clear error and hidden in the UI. */
export type Capabilities = {
  readonly kinds: readonly OutboundMessage['kind'][]
  readonly readReceipts: boolean
  readonly pairing: 'none' | 'qr' | 'token'
  /** Whether sending the same reference twice is known to deliver once. */
  readonly deduplicatesSends: boolean
  readonly textLengthMax: number
}

export type Provider = {
  readonly kind: 'baileys' | 'cloud' | 'simulator' | 'messenger' | 'instagram'
  readonly capabilities: Capabilities
  /** Starts connecting; what happens is told through `handlers.onState`. Does not reject for a channel that is down. */
  connect(options: ConnectOptions): Promise<Connection>
}
