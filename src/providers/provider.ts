import type { TemplateButtonType, TemplateFile } from '../shared/template-parts.ts'

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
  /** It was said before the number was linked, and comes to be read only: nobody is waiting for an answer. */
  readonly history?: true
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
      /** It was handed in as `undecryptable` before, under the same id; this is what it says. */
      readonly deciphered?: true
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

/**
 * What a message costs, as the channel says it: never a price, which follows from its list. Source: Meta's `pricing` and, of
 * Graph before v24, `conversation`.
 */
export type Pricing = {
  /** Meta means to leave this out one day; category and type say it then. */
  readonly billable?: boolean
  /** `PMP`: by message; `CBP`: by conversation. */
  readonly model?: string
  /** `regular`, `free_customer_service`, `free_entry_point` … */
  readonly type?: string
  /** `marketing`, `utility`, `authentication`, `service`, `referral_conversion` … */
  readonly category?: string
  /** The channel's conversation that it is counted in, and until when that is open; ISO 8601 UTC. */
  readonly conversationId?: string
  readonly conversationUntil?: string
}

/** How far one of our messages got, as the provider tells it. */
export type DeliveryStatus = {
  readonly providerMessageId: string
  /** The reference that we gave when sending, where the channel carries it back. */
  readonly ref?: string
  readonly ack: 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  /** ISO 8601 UTC. */
  readonly at: string
  readonly error?: { readonly code: string; readonly reason: string; readonly retryable: boolean }
  readonly pricing?: Pricing
}

/** How far all of our messages in one chat got, up to a moment: of channels that do not tell it of each. */
export type Watermark = {
  readonly chat: Party & { readonly group: boolean }
  readonly ack: 'delivered' | 'read'
  /** Up to when, by the channel's clock; ISO 8601 UTC. */
  readonly at: string
  /** The newest message that it is said of, where the channel names it: it and those before. */
  readonly providerMessageId?: string
}

/** What came in, in the order in which it came. A handler that resolves has made all of it durable. */
export type InboundItem =
  | { readonly item: 'message'; readonly message: InboundMessage }
  | { readonly item: 'status'; readonly status: DeliveryStatus }
  | { readonly item: 'watermark'; readonly watermark: Watermark }
  /** Known and deliberately left out (status broadcast, newsletter …); only counted. */
  | { readonly item: 'ignored'; readonly kind: string }
  /**
   * These addresses are one person's: a phone number learnt for a hidden id, or a number that changed. `keep`: they stand in
   * the company's address book, and are to be known even if they never wrote.
   */
  | { readonly item: 'identity'; readonly party: Party; readonly keep?: true }
  /** Something that was said between these times (ISO 8601 UTC) was given up and will not come. */
  | { readonly item: 'gap'; readonly from: string; readonly to: string }
  /** Somebody called. `rejected`: the session turned it away. */
  | {
      readonly item: 'call'
      readonly callId: string
      readonly chat: Party & { readonly group: boolean }
      readonly at: string
      readonly video: boolean
      readonly rejected: boolean
    }

/** A message of the channel, for quoting, reacting, changing: its id, and who wrote it where the channel asks for that. */
export type MessageKey = {
  readonly providerMessageId: string
  readonly fromMe: boolean
  /** Who wrote it, in a group. */
  readonly author?: readonly Address[]
}

/** A file to send. `open` starts reading it anew at each call, and never holds it in memory whole. */
export type OutboundMedia = {
  readonly mime: string
  readonly size: number
  readonly sha256: string
  readonly name?: string
  /** Of what plays, in seconds. */
  readonly seconds?: number
  open(): Promise<AsyncIterable<Uint8Array>>
}

/** A person's card, as sent and received in a contacts message. Phone numbers as the sender wrote them. */
export type ContactCard = {
  readonly name: string
  readonly phones: readonly string[]
  readonly emails?: readonly string[]
  readonly organisation?: string
}

/** What stands above a template's words, filled in. A place in a text is filled by `parameter`; `text` is the finished line. */
export type FilledHeader =
  | { readonly type: 'text'; readonly text: string; readonly parameter?: string }
  | { readonly type: TemplateFile; readonly media: OutboundMedia }
  | {
      readonly type: 'location'
      readonly latitude: number
      readonly longitude: number
      readonly name?: string
      readonly address?: string
    }

/** A template's button, filled in; its index is its place in the list. */
export type FilledButton = {
  readonly type: TemplateButtonType
  readonly text: string
  /** What it opens, finished: an address, a phone number. */
  readonly value?: string
  /** What fills it: the end of an address, a code, the payload of a reply, the token of a flow. */
  readonly parameter?: string
}

/** What is said. `body` is text or caption; channels that have no caption for a kind refuse a body there. */
export type OutboundContent =
  | { readonly kind: 'text'; readonly body: string }
  | {
      readonly kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'
      readonly media: OutboundMedia
      readonly body: string
    }
  | {
      readonly kind: 'location'
      readonly latitude: number
      readonly longitude: number
      readonly name?: string
      readonly address?: string
    }
  | { readonly kind: 'contacts'; readonly cards: readonly ContactCard[] }
  /** Up to three `buttons`, or a list opened by `button` with sections of rows. Ids come back with the choice. */
  | {
      readonly kind: 'interactive'
      readonly body: string
      readonly choices:
        | {
            readonly type: 'buttons'
            readonly buttons: readonly { readonly id: string; readonly title: string }[]
          }
        | {
            readonly type: 'list'
            readonly button: string
            readonly sections: readonly {
              readonly title: string
              readonly rows: readonly {
                readonly id: string
                readonly title: string
                readonly description?: string
              }[]
            }[]
          }
    }
  /** An approved template of the official API; `parameters` fill the body's places in order. `body`: as the customer reads it. */
  | {
      readonly kind: 'template'
      readonly name: string
      readonly language: string
      readonly parameters: readonly string[]
      readonly body: string
      /** Where the template has one that wants something. */
      readonly header?: FilledHeader
      /** All of the template's, in its order; absent: none of them wants anything. */
      readonly buttons?: readonly FilledButton[]
    }
  /** An empty emoji takes the reaction back. */
  | { readonly kind: 'reaction'; readonly target: MessageKey; readonly emoji: string }
  | { readonly kind: 'edit'; readonly target: MessageKey; readonly body: string }
  | { readonly kind: 'revoke'; readonly target: MessageKey }

export type OutboundKind = OutboundContent['kind']

export type OutboundMessage = OutboundContent & {
  /** Our reference; travels with the message wherever the channel allows. */
  readonly ref: string
  readonly messageId: string
  readonly to: readonly Address[]
  readonly quoted?: MessageKey
  /** When the customer last wrote, ISO 8601 UTC: channels with a window judge by it. Absent: never, or unknown. */
  readonly lastInboundAt?: string
  /** A person wrote it, not a rule of the company: some channels let people answer for longer. Absent: no. */
  readonly byPerson?: boolean
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
  /** A pairing code was asked for: typed into the phone, it links like a QR. */
  | { readonly state: 'awaiting-scan'; readonly pairingCode: string; readonly expiresInMs: number }
  | { readonly state: 'syncing' }
  | { readonly state: 'connected'; readonly account: string | null }
  /** Lost, may be tried again. */
  | { readonly state: 'closed'; readonly reason: string; readonly code?: string }
  | {
      readonly state: 'logged-out' | 'replaced' | 'restricted' | 'failed'
      readonly reason: string
      readonly code?: string
    }

/** What a person at the other end is doing; told live, never stored. */
export type PeerPresence = {
  readonly chat: readonly Address[]
  readonly author?: readonly Address[]
  readonly doing: 'typing' | 'recording' | 'nothing'
}

export type ConnectionHandlers = {
  /** The provider acknowledges to its channel only after this resolved; a rejection means: deliver again. */
  onItems(items: readonly InboundItem[]): Promise<void>
  onState(state: ConnectionState): void
  /** Best effort. */
  onPresence?(presence: PeerPresence): void
}

/** How well a number is doing with its channel; what the channel does not tell is absent. */
export type ChannelHealth = {
  readonly displayName?: string
  readonly phone?: string
  readonly quality?: 'green' | 'yellow' | 'red' | 'unknown'
  /** People that may be written to first in a day; `null`: no limit. */
  readonly dailyLimit?: number | null
  /** Messages a second that the channel takes. */
  readonly throughput?: number
  readonly notes?: readonly string[]
  /** Until when the token is good, ISO 8601 UTC; `null`: it does not run out. */
  readonly tokenExpiresAt?: string | null
  /** What somebody has to put right. `detail`: the channel's own word for it, such as the permission that is missing. */
  readonly problems?: readonly HealthProblem[]
}
export type HealthProblem = {
  readonly code:
    | 'display-name'
    | 'number-status'
    | 'account-mode'
    | 'page-does-not-match-token'
    | 'not-subscribed'
    | 'permission-missing'
    | 'app-secret-rejected'
    | 'token-expires'
  readonly detail?: string
}

/** What stands above a template's words; a text may hold a place. */
export type TemplateHeader =
  { readonly type: 'text'; readonly text: string } | { readonly type: TemplateFile | 'location' }

export type TemplateButton = {
  readonly type: TemplateButtonType
  readonly text: string
  /** The address or number that it opens; an address may end in a place. */
  readonly value?: string
}

/** A template as the channel has it. `places`: how many parameters its body wants. */
export type ChannelTemplate = {
  readonly name: string
  readonly language: string
  readonly category: string
  readonly status: 'approved' | 'pending' | 'rejected' | 'paused' | 'disabled'
  readonly body: string
  readonly places: number
  readonly header?: TemplateHeader
  readonly footer?: string
  readonly buttons?: readonly TemplateButton[]
  /** Parts that cannot be filled from here, in the channel's own words: such a template is not sent. */
  readonly unsupported?: readonly string[]
}

export type Connection = {
  /** Never throws for what the channel says: see `SendResult`. Gives up with `unknown` or `refused` after a time of its own. */
  send(message: OutboundMessage): Promise<SendResult>
  /** Tells the customer's phone that these were read. Best effort. */
  markRead(chat: readonly Address[], providerMessageIds: readonly string[]): Promise<void>
  /**
   * The bytes of a media message. @throws Error when the channel no longer has it; `MediaTooLarge` when it says before the
   * first byte that there are more than `bytesMax`.
   */
  fetchMedia(
    providerMediaId: string,
    bytesMax?: number,
  ): Promise<{ mime: string; size?: number; bytes: AsyncIterable<Uint8Array> }>
  /** Shows the customer that somebody writes. Best effort; only where `capabilities.typing`. */
  typing?(chat: readonly Address[], on: boolean): Promise<void>
  /** Asks for a code to type into the phone instead of scanning; told through `onState`. Only where `pairing` has it. */
  requestPairingCode?(phone: string): Promise<void>
  /** The picture of a person or group, or `null`. Best effort. */
  profilePicture?(
    chat: readonly Address[],
  ): Promise<{ mime: string; bytes: AsyncIterable<Uint8Array> } | null>
  /** What the channel says of this number. @throws Error when it could not be asked. */
  health?(): Promise<ChannelHealth>
  /** Only where `capabilities.kinds` has templates. @throws Error when the channel could not be asked. */
  templates?(): Promise<readonly ChannelTemplate[]>
  /** Ends the link for good at the channel's side too; credentials are worthless afterwards. */
  logout?(): Promise<void>
  /** Closes the socket without logging out. */
  close(): Promise<void>
}

/**
 * A session's own drawer in the vault, for channels whose keys change with every message. All of `commit` is durable when it
 * resolves, or none of it; it is refused once another node owns the session.
 */
export type SessionStore = {
  get(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** `null` removes. @throws Error when the session belongs to another owner by now. */
  commit(changes: ReadonlyMap<string, string | null>): Promise<void>
  /** Keys with the prefix, in order. */
  keys(prefix: string): Promise<readonly string[]>
}

export type SessionCredentials = { readonly [name: string]: string }

export type ConnectOptions = {
  readonly companyId: string
  readonly sessionId: string
  readonly credentials: SessionCredentials
  readonly settings: {
    readonly phoneNumberId?: string | undefined
    readonly businessAccountId?: string | undefined
    /** Messenger: the page's id; Instagram: the professional account's id. */
    readonly pageId?: string | undefined
    /** Messenger and Instagram: whether people answer, so that they may up to seven days after the customer wrote. Default: no. */
    readonly humanAgentTag?: boolean | undefined
    /** Baileys: whether calls are turned away, and with what words. Default: they ring. */
    readonly rejectCalls?: { readonly text: string | null } | null | undefined
    /** Baileys: whether chats of before the link are asked for. Default: no. */
    readonly historySync?: boolean | undefined
    /** Baileys: whether the phone's address book is taken over. Default: no. */
    readonly importContacts?: boolean | undefined
  }
  readonly handlers: ConnectionHandlers
  /** Only for channels that say `keepsKeys`. */
  readonly store?: SessionStore
  /** What we sent under this id, for a phone that could not read it and asks again; `null` when unknown. */
  readonly sentBefore?: (providerMessageId: string) => Promise<OutboundContent | null>
}

/** How many choices a message may offer, and how long their words may be, in characters. */
export type ChoiceLimits = {
  readonly buttons: { readonly max: number; readonly titleMax: number; readonly bodyMax: number }
  /** `rowsMax`: in all sections together; `openerMax`: of the button that opens it. `null`: the channel has no lists. */
  readonly list: {
    readonly rowsMax: number
    readonly sectionsMax: number
    readonly titleMax: number
    readonly descriptionMax: number
    readonly openerMax: number
    readonly bodyMax: number
  } | null
}

/** What a channel can and cannot do; what it cannot is refused with a clear error and hidden in the UI. */
export type Capabilities = {
  /** What may be sent. */
  readonly kinds: readonly OutboundKind[]
  /** Kinds of media that may carry a text. */
  readonly captions: readonly OutboundKind[]
  readonly quotes: boolean
  readonly readReceipts: boolean
  readonly typing: boolean
  readonly groups: boolean
  /** How a number is linked, the usual way first; `token`: by credentials. */
  readonly pairing: readonly ('qr' | 'code' | 'token')[]
  /** It needs a `SessionStore`. */
  readonly keepsKeys: boolean
  /** Whether sending the same reference twice is known to deliver once. */
  readonly deduplicatesSends: boolean
  readonly textLengthMax: number
  /** Bytes, by kind; a kind that is not named may be as big as our own limit. */
  readonly mediaBytesMax: Partial<Record<OutboundKind, number>>
  /** Types that the channel takes, by kind, as `type/subtype` or `type/*`; a kind that is not named takes any. */
  readonly mediaTypes: Partial<Record<OutboundKind, readonly string[]>>
  /** Absent: it offers no choices. */
  readonly choices?: ChoiceLimits
  /** How long after it was sent a message may be edited, in minutes; absent: always, where it may be edited at all. */
  readonly editMinutesMax?: number
  /** How long after a message of the customer one may write freely, in hours; `null`: always. */
  readonly windowHours: number | null
  /** The same for what a person writes, where the session's `humanAgentTag` is set; absent: no longer. */
  readonly humanAgentHours?: number
}

export type Provider = {
  readonly kind: 'baileys' | 'cloud' | 'simulator' | 'messenger' | 'instagram'
  readonly capabilities: Capabilities
  /** Starts connecting; what happens is told through `handlers.onState`. Does not reject for a channel that is down. */
  connect(options: ConnectOptions): Promise<Connection>
  /** Asks about an account by its credentials alone, without connecting; only of channels that need no socket for it. */
  inspect?(
    account: Pick<ConnectOptions, 'credentials' | 'settings'>,
  ): Pick<Connection, 'health' | 'templates'>
}
