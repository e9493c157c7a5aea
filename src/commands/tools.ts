import type { Directory } from '../actors/directory.ts'
import type { NameSource } from '../events/contact.ts'
import type { ChannelAddress } from '../events/conversation.ts'
import type { ProviderKind } from '../events/session.ts'
import type { Uploads } from '../media/uploads.ts'
import type { Capabilities } from '../providers/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { RandomBytes } from '../shared/random.ts'
import type { Refusal } from './define.ts'
import type { MessageReads } from './message/read-message.ts'

/** What commands are given to work with. Everything else is handed in too, so that they know no database and no socket. */
export type CommandTools = {
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
  /** Makes the ids of commands that come without a key. Default: the system's chance. */
  readonly random?: RandomBytes | undefined
  /** The tenant's secret under which ids are derived from phone numbers. */
  tenantKey(companyId: CompanyId): Promise<Buffer>
  /** The next ticket number of a company. */
  ticketNumber(companyId: CompanyId): Promise<number>
  readonly accounts: Accounts
  readonly sessionSecrets: SessionSecrets
  /** Where one of the messages of a session is, by the provider's id. Waits for the read models where it must. */
  messageByProviderId(
    companyId: string,
    sessionId: string,
    providerMessageId: string,
  ): Promise<{ stream: string; messageId: string; fromMe: boolean } | null>
  /** Which ticket one of the messages of tickets is in, by its own id. Waits for the read models where it must. */
  ticketOfMessage(companyId: string, messageId: string): Promise<string | null>
  /** Messages of tickets as they stand in the log. */
  readonly messages: MessageReads
  /** Files that people uploaded. */
  readonly uploads: Uploads
  /** Bytes of one file that this installation takes in or sends, whatever a company chose. */
  readonly mediaBytesMax: number
  /** Links by which a customer gets a file that is over the channel's limit (`http/file-links.ts`). */
  readonly fileLinks: {
    readonly reachable: boolean
    make(companyId: string, messageId: string, expiresAt: string): string
  }
  /** What a channel can carry; `null` for one that this release does not have. */
  capabilities(provider: ProviderKind): Capabilities | null
  /** Asks whoever owns the session for a pairing code, which is told live. Rejects when the owner cannot be told. */
  requestPairingCode(sessionId: string, phone: string): Promise<void>
  /** Tells whoever owns the session to connect now instead of after its pause. Rejects when the owner cannot be told. */
  retryNow(sessionId: string): Promise<void>
  /** The addresses by which a person can be reached, as this contact or one merged into it; `null` for an unknown or erased one. */
  contactAddresses(companyId: string, contactId: string): Promise<readonly ChannelAddress[] | null>
  /** What a contact is called and reached by, without whoever was merged into it; `null` for an unknown or erased one. */
  contactCard(companyId: string, contactId: string): Promise<ContactCard | null>
  /** Where replies of a conversation went by the fact of that revision; `null` once the person was erased. */
  conversationAddresses(
    companyId: string,
    conversationId: string,
    revision: number,
  ): Promise<readonly ChannelAddress[] | null>
  /** Keeps a payload that is too large for a fact; answers its key. */
  keepRaw(companyId: string, text: string): Promise<string>
  /** Hands a dead letter's payload to the intake again. A refusal: nothing is known to have come of it. */
  redeliver(companyId: CompanyId, deadLetterId: string): Promise<Redelivered | Refusal>
  /** Whether a user is connected and so can take a ticket that comes back. */
  isOnline(companyId: string, userId: string): boolean
  /** Every e-mail that a user had, the present one last. */
  userEmails(companyId: string, userId: string): Promise<readonly string[]>
  /** A user's name, for telling an agent who was first. */
  userName(companyId: string, userId: string): Promise<string | null>
}

export type ContactCard = {
  readonly name: string | null
  readonly nameSource: NameSource
  readonly phone: string | null
  readonly email: string | null
  readonly addresses: readonly ChannelAddress[]
}

export type Redelivered =
  { readonly outcome: 'processed' } | { readonly outcome: 'failed'; readonly reason: string }

/** The vault's part of users: what no log can rebuild. */
export type Accounts = {
  /** Makes an e-mail known as a way to log in to this user. `false`: someone of this company has it already. */
  claimEmail(email: string, companyId: string, userId: string): Promise<boolean>
  releaseEmail(email: string, companyId: string, userId: string): Promise<void>
  /** @throws Error for a password that is too short or too long. */
  setPassword(companyId: string, userId: string, password: string): Promise<void>
  /** Ends every login of the user. */
  revokeLogins(companyId: string, userId: string): Promise<void>
}

/** Credentials of channels, write-only from outside, and the directory that tells whose session an id is. */
export type SessionSecrets = {
  /**
   * Makes the session known and keeps its secrets; those not given stay as they are. `phoneNumberId`: what deliveries
   * of the official API are routed by, within the company.
   */
  put(
    companyId: string,
    sessionId: string,
    secrets: Readonly<Record<string, string>>,
    phoneNumberId?: string,
  ): Promise<void>
  remove(companyId: string, sessionId: string, phoneNumberId?: string): Promise<void>
  /** Forgets the keys of a linked device; secrets that somebody gave stay. */
  unpair(companyId: string, sessionId: string): Promise<void>
}
