import type {
  Contact,
  HistoryEntry,
  Message,
  Queue,
  Session,
  SessionActivity,
  Ticket,
  User,
} from '../../../src/realtime/protocol.ts'
import { asked, bodyOf, ifMatch, v1 } from './client.ts'
import type { FileKind } from './upload.ts'

export type { Contact, HistoryEntry, Message, Queue, Session, SessionActivity, Ticket, User }
export type Page<T> = { items: T[]; nextCursor: string | null }
/** Every command answers this: whose revision it now is, and the position up to which to wait. */
export type Answer = {
  id: string
  revision: number
  position: string | null
}
export type Counts = { mine: number; mineUnread: number; pending: number; open: number; closed: number }
export type TicketQuery = {
  status?: string
  userId?: string
  queueId?: string
  sessionId?: string
  contactId?: string
  q?: string
  sort?: 'newest' | 'oldest'
  limit?: number
  cursor?: string | null
}
export type NewSession = {
  name: string
  provider: Session['provider']
  queueIds: string[]
  settings: Record<string, string | number>
}
export type SessionChange = {
  name: string
  queueIds: string[]
  settings: {
    reopenPolicy: Session['settings']['reopenPolicy']
    reopenMinutes?: number
    businessAccountId?: string
    humanAgentTag?: boolean
    rejectCalls?: { text: string | null } | null
    historySync?: boolean
    pacing?: 'off' | 'normal' | 'careful' | 'established'
    importContacts?: boolean
    accessToken?: string
    pageAccessToken?: string
    appSecret?: string
    verifyToken?: string
  }
}
/** What a channel shows now to be linked. */
export type Codes = {
  qr: string | null
  expiresAt: string | null
  pairingCode: { pairingCode: string; expiresAt: string } | null
  retry: { attempt: number; attemptsMax: number; expiresAt: string } | null
}
/** What a channel says of a session's number or page, and what has to be put right. */
export type ChannelHealth = Awaited<ReturnType<typeof askHealth>>
export type TicketAction = 'accept' | 'return' | 'close' | 'reopen' | 'takeover' | 'wake' | 'read'
/** Until when a ticket is put aside: a time (ISO 8601), or the customer's next message. */
export type SnoozeWish = { until: string } | { untilReply: true }
export type NewUser = {
  name: string
  email: string
  password: string
  role: User['role']
  queueIds: string[]
  locale?: 'pt-BR' | 'en' | 'es'
}
export type PhoneWords = {
  from: string
  name?: string
  text?: string
  media?: { mime: string; name: string; base64: string }
}
export type PhoneItem = {
  messageId: string
  to: string
  kind: string
  body: string
  at: string
}

/** Something of the engine that takes no commands after repeated failures. */
export type QuarantinedActor = { type: string; id: string; reason: string; since: string; failures: number }

/** What came in and could not be processed. */
export type DeadLetter = {
  id: string
  source: string
  reason: string
  sessionId: string | null
  status: 'waiting' | 'processed' | 'dropped' | 'erased'
  attempts: number
  lastError: string | null
  revision: number
  createdAt: string
  updatedAt: string
}
export type DeadLetterWithPayload = DeadLetter & { payload: string | null; payloadCut: boolean }

/** A message that a search found: where it is, and the line of it that says why. */
export type FoundMessage = {
  messageId: string
  revision: number
  /** It belongs to no ticket: it is read above this one, and found by its id. */
  beside?: true | undefined
  kind: Message['kind']
  fromMe: boolean
  timestamp: string
  snippet: string
  ticket: Ticket
}

/** Whether the log is what was written. */
export type Verification = {
  root: { at: string } | null
  running: { events: number } | null
  failed: string | null
  last: {
    ok: boolean
    at: string
    findings: { stream: string | null; revision: number | null; detail: string }[]
  } | null
}
/** The present making of all read models, or the latest. */
export type RebuildStatus = {
  state: 'asked' | 'reading' | 'indexes' | 'swapping' | 'done' | 'failed'
  reason: 'empty' | 'version' | 'asked'
  factsDone: number
  factsTotal: number | null
  factsPerSecond: number | null
  etaSeconds: number | null
  error: string | null
  startedAt: string
  updatedAt: string
  endedAt: string | null
}
/** How the read models are doing, and the facts that they go on without. */
export type ProjectionsStatus = {
  position: string | null
  generation: number
  lagSeconds: number
  behind: number
  projections: { name: string; version: number; position: string | null; poisoned: number }[]
  poisoned: {
    eventId: string
    stream: string
    revision: number
    position: string
    type: string
    readModel: string
    reason: string
    at: string
  }[]
  rebuild: RebuildStatus | null
}

const one = (id: string) => ({ param: { id } })
const askHealth = (id: string, again = false) =>
  bodyOf(v1.sessions[':id'].health.$get({ ...one(id), query: again ? { again: 'true' } : {} }))
const oneMessage = v1.tickets[':id'].messages[':messageId']
const openedTicket = (id: string) => bodyOf(v1.tickets[':id'].$get(one(id)))

const askSettings = () => bodyOf(v1.settings.$get())
/** What a company chose; bytes of one file, `null`: what the server takes. */
export type CompanySettings = Awaited<ReturnType<typeof askSettings>>

const templatesOf = (id: string) => bodyOf(v1.sessions[':id'].templates.$get(one(id)))

/** What a ticket's channel can carry: a screen offers nothing else. */
export type Capabilities = NonNullable<Awaited<ReturnType<typeof openedTicket>>['session']['capabilities']>
/** An approved template with what fills its parts; they are said as the customer sees them. */
export type FilledTemplate = {
  name: string
  language: string
  parameters: string[]
  header?:
    | { type: 'text'; text: string; parameter?: string }
    | { type: 'image' | 'video' | 'document' }
    | { type: 'location'; latitude: number; longitude: number; name?: string; address?: string }
  footer?: string
  buttons?: (NonNullable<Template['buttons']>[number] & { parameter?: string })[]
}
type Choice = { id: string; title: string; description?: string }
/** What the customer may choose from: buttons, or a list that `button` opens. */
export type Choices =
  | { type: 'buttons'; buttons: Choice[] }
  | { type: 'list'; button: string; sections: { title: string; rows: Choice[] }[] }
/** What is said: words, or an uploaded file with or without words. */
export type Said = {
  body?: string
  uploadId?: string
  kind?: FileKind
  quotedId?: string
  template?: FilledTemplate
  interactive?: Choices
}
export type Template = Awaited<ReturnType<typeof templatesOf>>['items'][number]

/** Every call that the screen makes, by the route's noun. */
export const api = {
  tickets: {
    list: (query: TicketQuery): Promise<Page<Ticket>> => bodyOf(v1.tickets.$get({ query: asked(query) })),
    counts: (): Promise<Counts> => bodyOf(v1.tickets.counts.$get()),
    get: openedTicket,
    open: (contactId: string, sessionId: string): Promise<Answer> =>
      bodyOf(v1.tickets.$post({ json: { contactId, sessionId } })),
    act: (id: string, action: TicketAction, revision?: number): Promise<Answer> =>
      action === 'close'
        ? bodyOf(v1.tickets[':id'].close.$post({ ...one(id), json: {} }, ifMatch(revision)))
        : bodyOf(v1.tickets[':id'][action].$post(one(id), ifMatch(revision))),
    snooze: (id: string, json: SnoozeWish, revision?: number): Promise<Answer> =>
      bodyOf(v1.tickets[':id'].snooze.$post({ ...one(id), json }, ifMatch(revision))),
    messages: (id: string, query: { before?: string | null; limit?: number }): Promise<Page<Message>> =>
      bodyOf(v1.tickets[':id'].messages.$get({ ...one(id), query: asked(query) })),
    reply: (id: string, json: Said, key: string): Promise<Answer> =>
      bodyOf(v1.tickets[':id'].messages.$post({ ...one(id), json }, { headers: { 'Idempotency-Key': key } })),
    retry: (id: string, messageId: string): Promise<Answer> =>
      bodyOf(v1.tickets[':id'].messages[':messageId'].retry.$post({ param: { id, messageId } })),
    react: (id: string, messageId: string, emoji: string): Promise<Answer> =>
      bodyOf(oneMessage.reactions.$post({ param: { id, messageId }, json: { emoji } })),
    edit: (id: string, messageId: string, body: string): Promise<Answer> =>
      bodyOf(oneMessage.$patch({ param: { id, messageId }, json: { body } })),
    revoke: (id: string, messageId: string): Promise<Answer> =>
      bodyOf(oneMessage.$delete({ param: { id, messageId } })),
    forward: (id: string, messageId: string, toTicketId: string, key: string): Promise<Answer> =>
      bodyOf(
        oneMessage.forward.$post(
          { param: { id, messageId }, json: { ticketId: toTicketId } },
          { headers: { 'Idempotency-Key': key } },
        ),
      ),
    messageHistory: (id: string, messageId: string): Promise<{ items: HistoryEntry[] }> =>
      bodyOf(oneMessage.history.$get({ param: { id, messageId } })),
    history: (id: string, query: { cursor?: string | null; limit?: number }): Promise<Page<HistoryEntry>> =>
      bodyOf(v1.tickets[':id'].history.$get({ ...one(id), query: asked(query) })),
    at: (id: string, revision: number): Promise<{ ticket: Ticket; messages: Message[] }> =>
      bodyOf(v1.tickets[':id'].at[':revision'].$get({ param: { id, revision: String(revision) } })),
  },
  messages: {
    /** An address of a message's file that needs no login, and until when. */
    link: (messageId: string): Promise<{ url: string; expiresAt: string }> =>
      bodyOf(v1.media[':messageId'].link.$get({ param: { messageId } })),
    search: (query: { q: string; limit?: number; cursor?: string | null }): Promise<Page<FoundMessage>> =>
      bodyOf(v1.messages.search.$get({ query: asked(query) as { q: string } })),
  },
  contacts: {
    list: (query: { q?: string; limit?: number; cursor?: string | null }): Promise<Page<Contact>> =>
      bodyOf(v1.contacts.$get({ query: asked(query) })),
    get: (id: string): Promise<Contact> => bodyOf(v1.contacts[':id'].$get(one(id))),
    create: (json: { name: string; phone: string; email?: string }): Promise<Answer> =>
      bodyOf(v1.contacts.$post({ json })),
    change: (id: string, json: { name?: string; email?: string | null }): Promise<Answer> =>
      bodyOf(v1.contacts[':id'].$patch({ ...one(id), json })),
    block: (id: string, on: boolean): Promise<Answer> =>
      on
        ? bodyOf(v1.contacts[':id'].block.$post(one(id)))
        : bodyOf(v1.contacts[':id'].unblock.$post(one(id))),
    /** `id` is shown by itself no more: `intoId` stands for both. */
    merge: (id: string, intoId: string): Promise<Answer> =>
      bodyOf(v1.contacts[':id'].merge.$post({ ...one(id), json: { intoId } })),
    unmerge: (id: string): Promise<Answer> => bodyOf(v1.contacts[':id'].unmerge.$post(one(id))),
    history: (id: string, query: { cursor?: string | null; limit?: number }): Promise<Page<HistoryEntry>> =>
      bodyOf(v1.contacts[':id'].history.$get({ ...one(id), query: asked(query) })),
    erase: (id: string): Promise<Answer> =>
      bodyOf(v1.contacts[':id'].erase.$post({ ...one(id), json: { reason: 'requested' } })),
  },
  sessions: {
    list: (): Promise<Page<Session>> => bodyOf(v1.sessions.$get({ query: asked({ limit: 100 }) })),
    create: (json: NewSession): Promise<Answer> => bodyOf(v1.sessions.$post({ json })),
    act: (id: string, action: 'start' | 'stop' | 'restart' | 'logout'): Promise<Answer> =>
      bodyOf(v1.sessions[':id'][action].$post(one(id))),
    change: (id: string, json: SessionChange): Promise<Answer> =>
      bodyOf(v1.sessions[':id'].$patch({ ...one(id), json })),
    remove: (id: string): Promise<Answer> => bodyOf(v1.sessions[':id'].$delete(one(id))),
    qr: (id: string): Promise<Codes> => bodyOf(v1.sessions[':id'].qr.$get(one(id))),
    requestPairingCode: (id: string, phone: string): Promise<Answer> =>
      bodyOf(v1.sessions[':id']['pairing-code'].$post({ ...one(id), json: { phone } })),
    retry: (id: string): Promise<Answer> => bodyOf(v1.sessions[':id'].retry.$post(one(id))),
    health: askHealth,
    activity: (id: string): Promise<SessionActivity> => bodyOf(v1.sessions[':id'].activity.$get(one(id))),
    templates: templatesOf,
    history: (id: string, query: { cursor?: string | null; limit?: number }): Promise<Page<HistoryEntry>> =>
      bodyOf(v1.sessions[':id'].history.$get({ ...one(id), query: asked(query) })),
  },
  channels: {
    list: (): Promise<{ items: { provider: Session['provider'] }[] }> => bodyOf(v1.channels.$get()),
  },
  users: {
    list: (): Promise<Page<User>> => bodyOf(v1.users.$get({ query: asked({ limit: 100 }) })),
    create: (json: NewUser): Promise<Answer> => bodyOf(v1.users.$post({ json })),
    change: (id: string, json: Partial<NewUser>): Promise<Answer> =>
      bodyOf(v1.users[':id'].$patch({ ...one(id), json })),
    history: (id: string, query: { cursor?: string | null; limit?: number }): Promise<Page<HistoryEntry>> =>
      bodyOf(v1.users[':id'].history.$get({ ...one(id), query: asked(query) })),
    deactivate: (id: string): Promise<Answer> => bodyOf(v1.users[':id'].deactivate.$post(one(id))),
    reactivate: (id: string): Promise<Answer> => bodyOf(v1.users[':id'].reactivate.$post(one(id))),
  },
  queues: {
    list: (): Promise<Page<Queue>> => bodyOf(v1.queues.$get({ query: asked({ limit: 100 }) })),
    create: (json: { name: string; color: string }): Promise<Answer> => bodyOf(v1.queues.$post({ json })),
    change: (id: string, json: { name?: string; color?: string }): Promise<Answer> =>
      bodyOf(v1.queues[':id'].$patch({ ...one(id), json })),
    remove: (id: string): Promise<Answer> => bodyOf(v1.queues[':id'].$delete(one(id))),
  },
  settings: {
    get: askSettings,
    change: (json: Partial<Omit<CompanySettings, 'bounds'>>): Promise<Answer> =>
      bodyOf(v1.settings.$patch({ json })),
  },
  deadLetters: {
    list: (query: { status: DeadLetter['status']; cursor?: string | null }): Promise<Page<DeadLetter>> =>
      bodyOf(v1['dead-letters'].$get({ query: asked(query) })),
    get: (id: string): Promise<DeadLetterWithPayload> => bodyOf(v1['dead-letters'][':id'].$get(one(id))),
    act: (id: string, action: 'retry' | 'drop'): Promise<Answer> =>
      bodyOf(v1['dead-letters'][':id'][action].$post(one(id))),
  },
  audit: {
    get: (): Promise<Verification> => bodyOf(v1.audit.verification.$get()),
    start: (): Promise<{ started: boolean }> => bodyOf(v1.audit.verification.$post()),
  },
  quarantine: {
    list: (): Promise<Page<QuarantinedActor>> => bodyOf(v1.quarantine.$get()),
    retry: (type: string, id: string): Promise<{ recovered: boolean; reason: string | null }> =>
      bodyOf(v1.quarantine[':type'][':id'].retry.$post({ param: { type, id } })),
  },
  projections: {
    status: (): Promise<ProjectionsStatus> => bodyOf(v1.projections.$get()),
    rebuild: (): Promise<RebuildStatus> => bodyOf(v1.projections.rebuild.$post()),
  },
  simulator: {
    inbound: (sessionId: string, json: PhoneWords): Promise<{ messageId: string; duplicate: boolean }> =>
      bodyOf(v1.simulator[':sessionId'].inbound.$post({ param: { sessionId }, json })),
    outbound: (sessionId: string, after: string | null): Promise<Page<PhoneItem>> =>
      bodyOf(v1.simulator[':sessionId'].outbound.$get({ param: { sessionId }, query: asked({ after }) })),
    ack: (sessionId: string, messageId: string, ack: 'delivered' | 'read'): Promise<{ ok: true }> =>
      bodyOf(v1.simulator[':sessionId'].acks.$post({ param: { sessionId }, json: { messageId, ack } })),
    connection: (sessionId: string, state: 'drop' | 'restore'): Promise<{ ok: true }> =>
      bodyOf(v1.simulator[':sessionId'].connection.$post({ param: { sessionId }, json: { state } })),
  },
}
