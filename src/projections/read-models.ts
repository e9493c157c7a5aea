import type { RecordedEvent } from '../events/all.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type {
  Contact,
  HistoryEntry,
  Message,
  Queue,
  Session,
  SessionActivity,
  Ticket,
  User,
} from '../realtime/protocol.ts'
import type { TicketStatus } from '../events/ticket.ts'
import type { TimerKind } from '../events/timer.ts'
import type { DeadLetterStatus } from './dead-letter-row.ts'
import type { MessageKind } from '../events/message.ts'

export type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }
export type PageAsk = { readonly limit: number; readonly cursor?: string | undefined }

export type TicketFilter = PageAsk & {
  readonly status?: readonly TicketStatus[] | undefined
  /** `none`: tickets without a queue. */
  readonly queueId?: string | undefined
  /** `me` was resolved before; `none`: nobody's. */
  readonly userId?: string | undefined
  readonly contactId?: string | undefined
  readonly sessionId?: string | undefined
  readonly unread?: boolean | undefined
  /** Part of the contact's name, phone number or the ticket's number. */
  readonly q?: string | undefined
  /** Default: newest activity first. `oldest`: longest waiting first. */
  readonly sort?: 'newest' | 'oldest' | undefined
}

export type DeadLetter = {
  readonly id: string
  /** The part of the server that could not process it. */
  readonly source: string
  readonly reason: string
  /** `null`: nobody knows whose it was. */
  readonly sessionId: string | null
  readonly status: DeadLetterStatus
  readonly attempts: number
  readonly lastError: string | null
  readonly revision: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** `q`: words, each found by its beginning, all of them in one message. Times are ISO 8601; `to` is exclusive. */
export type MessageSearch = PageAsk & {
  readonly q: string
  readonly ticketId?: string | undefined
  readonly contactId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** A message that was found: where it is, and the line of it that says why. */
export type FoundMessage = {
  readonly messageId: string
  /** Its place among the ticket's messages: `before` one more is the page that ends with it. */
  readonly revision: number
  /** It stands in the conversation beside all tickets: `revision` is its place there, and `ticket` one above which it is read. */
  readonly beside?: true
  readonly kind: MessageKind
  readonly fromMe: boolean
  readonly timestamp: string
  readonly snippet: string
  readonly ticket: Ticket
}

/** What a company chose; bytes of one file, `null`: what the installation takes. */
export type CompanySettings = {
  readonly inboundMediaBytesMax: number | null
  readonly outboundMediaBytesMax: number | null
  /** Whether a customer is told that a file was too large. */
  readonly tellTooLarge: boolean
  /** Whether a file over a channel's limit goes out as a link, or is refused. */
  readonly largeFilesAsLinks: boolean
}

/** A cursor that this server did not make, or made for another list. Answered as 422. */
export class BadCursor extends Error {}

/** How far the read models are. */
export type Freshness = { readonly position: string | null; readonly stale: boolean }

/**
 * Everything that may be asked of the read models. Every query takes the principal and answers only what that person
 * may see: another tenant's, or a hidden ticket's, id is answered `null`, exactly as one that does not exist.
 *
 * Visible tickets: super-admin, admin and auditor: all of the company. Supervisor: those of own queues, own ones, and
 * those without a queue. Agent: own tickets, and pending (or bot) tickets of own queues. Analyst: rows without bodies
 * (`preview` and `body` empty). Super-admins are bound to their company like everybody.
 */
export type ReadModels = {
  /** Waits at most `timeoutMs` until every read model has reached the position. */
  waitFor(position: string, timeoutMs: number): Promise<Freshness>
  freshness(): Freshness
  tickets(who: UserPrincipal, filter: TicketFilter): Promise<Page<Ticket>>
  /** Numbers for the inbox's tabs. `mine`: open and owned by the user; `pending`: waiting and visible; `open`: all visible open; `closed`. */
  ticketCounts(
    who: UserPrincipal,
  ): Promise<{ mine: number; mineUnread: number; pending: number; open: number; closed: number }>
  ticket(who: UserPrincipal, ticketId: string): Promise<Ticket | null>
  /** The newest page, oldest first; `nextCursor` asks for the page before. `null`: no such ticket for this user. */
  messages(
    who: UserPrincipal,
    ticketId: string,
    ask: { limit: number; before?: string | undefined },
  ): Promise<Page<Message> | null>
  /** Messages of visible tickets by their words, newest first; none for analysts, who read nobody's. */
  searchMessages(who: UserPrincipal, ask: MessageSearch): Promise<Page<FoundMessage>>
  /** Where the bytes of a message's media are kept. `null`: hidden, unknown, or not fetched yet. */
  media(
    who: UserPrincipal,
    messageId: string,
  ): Promise<{ key: string; mime: string; name: string | null } | null>
  contacts(who: UserPrincipal, ask: PageAsk & { q?: string | undefined }): Promise<Page<Contact>>
  contact(who: UserPrincipal, contactId: string): Promise<Contact | null>
  sessions(who: UserPrincipal, ask: PageAsk): Promise<Page<Session>>
  session(who: UserPrincipal, sessionId: string): Promise<Session | null>
  users(who: UserPrincipal, ask: PageAsk): Promise<Page<User>>
  user(who: UserPrincipal, userId: string): Promise<User | null>
  queues(who: UserPrincipal, ask: PageAsk): Promise<Page<Queue>>
  /** Of the company of whoever asks. */
  companySettings(who: UserPrincipal): Promise<CompanySettings>
  /** What could not be processed, newest first. Only for admins and super-admins; nobody else has any. */
  deadLetters(
    who: UserPrincipal,
    ask: PageAsk & { status?: DeadLetterStatus | undefined },
  ): Promise<Page<DeadLetter>>
  /** With its payload as it was kept; `null` where that can no longer be opened. */
  deadLetter(who: UserPrincipal, id: string): Promise<(DeadLetter & { payload: string | null }) | null>
  /** From the log itself, oldest first; cursor = revision. `null`: no such ticket for this user. */
  history(who: UserPrincipal, ticketId: string, ask: PageAsk): Promise<Page<HistoryEntry> | null>
  /** What the log says about one message, oldest first. `null`: no such message for this user. */
  messageHistory(
    who: UserPrincipal,
    ticketId: string,
    messageId: string,
  ): Promise<readonly HistoryEntry[] | null>
  /** A session's past from the log itself, newest first. `null`: no such session, or not for this role. */
  sessionHistory(who: UserPrincipal, sessionId: string, ask: PageAsk): Promise<Page<HistoryEntry> | null>
  /** What happened to a contact, from the log itself, newest first. `null`: no such contact, or not for this role. */
  contactHistory(who: UserPrincipal, contactId: string, ask: PageAsk): Promise<Page<HistoryEntry> | null>
  /** What happened to a user's account, from the log itself, newest first. `null`: no such user, or not for this role. */
  userHistory(who: UserPrincipal, userId: string, ask: PageAsk): Promise<Page<HistoryEntry> | null>
  /** How busy a session is at that moment (ISO 8601), and what its budgets are. `null` as above. */
  sessionActivity(who: UserPrincipal, sessionId: string, at: string): Promise<SessionActivity | null>
  /** The ticket and its messages as they were right after the event with this revision (0 = the first). */
  ticketAt(
    who: UserPrincipal,
    ticketId: string,
    revision: number,
  ): Promise<{ ticket: Ticket; messages: readonly Message[] } | null>
}

/** Where a message is whose media was not fetched yet: the fact with this revision of its ticket. */
export type UnfetchedMedia = {
  readonly companyId: string
  readonly sessionId: string
  readonly ticketId: string
  readonly messageId: string
  readonly revision: number
}

/** A timer that is armed, as far as the read models know. What it does is decided by its actor. */
export type DueTimer = {
  readonly companyId: string
  readonly kind: TimerKind
  readonly actorId: string
  readonly timerId: string
  readonly dueAt: string
}

/** What the server's own parts need to look up; never reachable from outside. */
export type Lookups = {
  /** Messages that are queued or being sent, oldest first, for the sweep. */
  unsentMessages(): Promise<
    readonly {
      companyId: string
      sessionId: string
      conversationId: string
      stream: string
      messageId: string
    }[]
  >
  /** Messages whose media the channel still has to give, oldest first, for the sweep. */
  unfetchedMedia(): Promise<readonly UnfetchedMedia[]>
  /**
   * Conversations whose claim was left half done before that moment (ISO 8601): the live ticket was never written, or
   * is closed. What they come to is decided by the log.
   */
  unsettledConversations(before: string): Promise<readonly { companyId: string; conversationId: string }[]>
  /** Conversations of a contact, and of whoever is the same person. */
  conversationsOf(companyId: string, contactId: string): Promise<readonly string[]>
  /** Streams that hold messages sealed with a contact's key. */
  streamsAbout(companyId: string, contactId: string): Promise<readonly string[]>
  /** Those of these media keys that a message of somebody else has too. */
  mediaOfOthers(companyId: string, contactId: string, keys: readonly string[]): Promise<readonly string[]>
  /** The file of a message that went out as a link, as long as it is there for anybody; `null` otherwise. */
  sharedFile(
    companyId: string,
    messageId: string,
  ): Promise<{ key: string; mime: string; name: string | null } | null>
  /** Whether any message names this file. */
  isMediaUsed(companyId: string, key: string): Promise<boolean>
  /** Dead letters in which one of these addresses stands, and where their payloads are kept. */
  deadLettersAbout(
    companyId: string,
    aliasIds: readonly string[],
  ): Promise<readonly { id: string; rawKey: string | null }[]>
  /** The contact whom a message is about, if that was erased. */
  erasedSubjectOf(companyId: string, messageId: string): Promise<string | null>
  /** Timers whose time has come at that moment (ISO 8601), the longest overdue first. */
  dueTimers(now: string): Promise<readonly DueTimer[]>
  /** Ids of the tickets that a user has, open or snoozed. */
  openTicketsOf(companyId: string, userId: string): Promise<readonly string[]>
  /** Sessions that should be connected. */
  wantedSessions(): Promise<readonly { companyId: string; sessionId: string }[]>
  /** Which stream holds our or their message with this provider id. `null`: not known (yet). */
  messageByProviderId(
    companyId: string,
    sessionId: string,
    providerMessageId: string,
  ): Promise<{ stream: string; messageId: string; fromMe: boolean } | null>
  /** The ticket that a message is in; `null`: not known (yet), or in none. */
  ticketOfMessage(companyId: string, messageId: string): Promise<string | null>
  /** A user's present rights; `null` for unknown or deactivated ones. */
  principal(companyId: string, userId: string): Promise<UserPrincipal | null>
}

/**
 * Facts that the read models now show. `silent`: an old story read again (rebuild), which nobody is to be told.
 * `remade`: the tables are others than before, made again from the log: whoever shows something asks for it again.
 */
export type Committed = {
  readonly facts: readonly RecordedEvent[]
  readonly position: string
  readonly silent: boolean
  readonly remade?: boolean
}

/** What decides who sees a ticket. */
export type TicketPlace = {
  readonly companyId: string
  readonly status: TicketStatus
  readonly queueId: string | null
  readonly userId: string | null
}

/** A row by its tenant and id. */
export type RowKey = { readonly companyId: string; readonly id: string }

/** Rows by key for the push, which decides itself who gets them. One statement each, whatever the number of keys. */
export type PushViews = {
  ticketViews(
    keys: readonly RowKey[],
  ): Promise<ReadonlyMap<string, { place: TicketPlace; ticket: Ticket; lastMessageId: string | null }>>
  messageViews(keys: readonly RowKey[]): Promise<ReadonlyMap<string, { companyId: string; message: Message }>>
  /** The tickets above which is read what stands beside them in these conversations, by conversation. */
  ticketsBeside(conversations: readonly RowKey[]): Promise<ReadonlyMap<string, readonly string[]>>
  contactViews(keys: readonly RowKey[]): Promise<ReadonlyMap<string, { companyId: string; contact: Contact }>>
  sessionViews(keys: readonly RowKey[]): Promise<ReadonlyMap<string, { companyId: string; session: Session }>>
}
