import type { UserPrincipal } from '../../events/principal.ts'
import type { Role } from '../../events/company.ts'
import {
  BadCursor,
  type CompanySettings,
  type DeadLetter,
  type Freshness,
  type Page,
  type ReadModels,
} from '../../projections/read-models.ts'
import type {
  Contact,
  Message,
  Queue,
  Session,
  SessionActivity,
  Ticket,
  User,
} from '../../realtime/protocol.ts'
import { derivedId, type CompanyId, type UserId } from '../../shared/ids.ts'

export const idOf = (name: string): string => derivedId('http test', name)
const TIME = '2026-01-02T03:04:05.000Z'
export const POSITION = 'abcdef0100000000000000000042'

/** Two companies with the same furniture; `ana` is in both. */
export const COMPANIES = ['acme', 'globex'] as const
export type CompanyName = (typeof COMPANIES)[number]
export const rolesOf: Record<string, Role> = {
  sue: 'super-admin',
  ana: 'admin',
  sol: 'supervisor',
  bob: 'agent',
  aud: 'auditor',
}

export const principalIn = (company: CompanyName, person: string): UserPrincipal => ({
  kind: 'user',
  companyId: idOf(company) as CompanyId,
  userId: idOf(`${company} ${person}`) as UserId,
  role: rolesOf[person] ?? 'agent',
  queueIds: [],
})

const userRow = (company: CompanyName, person: string): User => ({
  id: idOf(`${company} ${person}`),
  companyId: idOf(company),
  name: person,
  email: `${person}@example.com`,
  role: rolesOf[person] ?? 'agent',
  queueIds: [],
  active: true,
  locale: 'en',
  revision: 0,
})

const rowsOf = (company: CompanyName) => {
  const queue: Queue = { id: idOf(`${company} queue`), name: 'Sales', color: '#112233', revision: 0 }
  const session: Session = {
    id: idOf(`${company} session`),
    name: 'Main',
    provider: 'simulator',
    status: 'connected',
    isDefault: true,
    queueIds: [queue.id],
    settings: { reopenPolicy: 'reopen', reopenMinutes: 120 },
    account: null,
    reason: null,
    since: TIME,
    revision: 3,
    createdAt: TIME,
  }
  const contact: Contact = {
    id: idOf(`${company} contact`),
    name: 'Customer',
    phone: '5511987654321',
    email: null,
    isGroup: false,
    blocked: false,
    addresses: [],
    revision: 0,
    createdAt: TIME,
    updatedAt: TIME,
  }
  const ticket: Ticket = {
    id: idOf(`${company} ticket`),
    number: 1,
    status: 'open',
    revision: 4,
    contact,
    session,
    queue,
    user: null,
    tags: [],
    priority: 0,
    lastMessage: null,
    unreadCount: 0,
    isGroup: false,
    openedAt: TIME,
    acceptedAt: null,
    closedAt: null,
    updatedAt: TIME,
  }
  const deadLetter: DeadLetter = {
    id: idOf(`${company} letter`),
    source: 'webhook:whatsapp',
    reason: 'no session has the number 1',
    sessionId: null,
    status: 'waiting',
    attempts: 0,
    lastError: null,
    revision: 0,
    createdAt: TIME,
    updatedAt: TIME,
  }
  const message: Message = {
    id: idOf(`${company} message`),
    ticketId: ticket.id,
    fromMe: false,
    kind: 'location',
    body: 'here',
    details: { latitude: 1, nested: [{ a: null }] },
    ack: 'received',
    reactions: [],
    revision: 1,
    late: false,
    timestamp: TIME,
    sentAt: TIME,
  }
  return {
    queue,
    session,
    contact,
    ticket,
    message,
    deadLetter,
    users: Object.keys(rolesOf).map(person => userRow(company, person)),
  }
}

const ACTIVITY: SessionActivity = {
  pacing: { mode: 'off', linkedAt: null, perMinute: null, newChats: null, held: { count: 0, nextAt: null } },
  messages: { hour: { in: 1, out: 2 }, day: { in: 3, out: 4 } },
  gaps: { days: 7, count: 0, seconds: 0, since: null },
}

const onePage = <T>(items: readonly T[], cursor?: string): Page<T> => {
  if (cursor !== undefined && cursor !== 'next') throw new BadCursor('not mine')
  return { items, nextCursor: cursor === undefined ? 'next' : null }
}

export type RowsDouble = ReadModels & {
  fresh: Freshness
  asked: unknown[]
  deactivated: Set<string>
  mediaKey: string
  /** Of every company. */
  settings: CompanySettings
  /** Of every dead letter. */
  payload: string | null
}

/** Read models over the fixtures: answers each company its own rows and nothing else. */
export const rowsDouble = (): RowsDouble => {
  const rows = new Map<string, ReturnType<typeof rowsOf>>(COMPANIES.map(name => [idOf(name), rowsOf(name)]))
  const mine = (who: UserPrincipal) => rows.get(who.companyId)!
  const one = <T extends { id: string }>(row: T | undefined, id: string): T | null =>
    row?.id === id ? row : null
  const double: RowsDouble = {
    fresh: { position: POSITION, stale: false },
    asked: [],
    deactivated: new Set(),
    mediaKey: '',
    settings: {
      inboundMediaBytesMax: null,
      outboundMediaBytesMax: null,
      tellTooLarge: true,
      largeFilesAsLinks: true,
    },
    payload: '{"item":"message"}',
    waitFor: async (position, ms) => {
      double.asked.push({ position, ms })
      return double.fresh
    },
    freshness: () => double.fresh,
    tickets: async (who, filter) => {
      double.asked.push(filter)
      return onePage([mine(who).ticket], filter.cursor)
    },
    ticketCounts: async () => ({ mine: 1, mineUnread: 0, pending: 2, open: 3, closed: 4 }),
    ticket: async (who, id) => one(mine(who).ticket, id),
    messages: async (who, id) => (one(mine(who).ticket, id) ? onePage([mine(who).message]) : null),
    searchMessages: async (who, ask) => {
      double.asked.push(ask)
      const { id: messageId, revision, kind, fromMe, timestamp, body: snippet } = mine(who).message
      const found = { messageId, revision, kind, fromMe, timestamp, snippet, ticket: mine(who).ticket }
      return onePage([found], ask.cursor)
    },
    media: async (who, messageId) => {
      const kinds: Record<string, string> = { message: 'image/png', page: 'text/html', broken: 'a\r\nb: c' }
      const kind = Object.keys(kinds).find(name => messageId === idOf(`acme ${name}`))
      if (kind === undefined || who.companyId !== idOf('acme')) return null
      return { key: double.mediaKey, mime: kinds[kind]!, name: 'fôto "1".png' }
    },
    contacts: async (who, ask) => onePage([mine(who).contact], ask.cursor),
    contact: async (who, id) => one(mine(who).contact, id),
    sessions: async (who, ask) => onePage([mine(who).session], ask.cursor),
    session: async (who, id) => one(mine(who).session, id),
    users: async (who, ask) => onePage(mine(who).users, ask.cursor),
    user: async (who, id) => mine(who).users.find(user => user.id === id) ?? null,
    queues: async (who, ask) => onePage([mine(who).queue], ask.cursor),
    companySettings: async () => double.settings,
    deadLetters: async (who, ask) => {
      double.asked.push(ask)
      return onePage([mine(who).deadLetter], ask.cursor)
    },
    deadLetter: async (who, id) => {
      const found = one(mine(who).deadLetter, id)
      return found && { ...found, payload: double.payload }
    },
    history: async (who, id) => (one(mine(who).ticket, id) ? onePage([]) : null),
    messageHistory: async (who, id, messageId) =>
      one(mine(who).ticket, id) && one(mine(who).message, messageId) ? [] : null,
    sessionHistory: async (who, id) => (one(mine(who).session, id) ? onePage([]) : null),
    contactHistory: async (who, id) => (one(mine(who).contact, id) ? onePage([]) : null),
    userHistory: async (who, id) => (mine(who).users.some(user => user.id === id) ? onePage([]) : null),
    sessionActivity: async (who, id) => (one(mine(who).session, id) ? ACTIVITY : null),
    ticketAt: async (who, id, revision) =>
      one(mine(who).ticket, id) && revision <= 4
        ? { ticket: mine(who).ticket, messages: [mine(who).message] }
        : null,
  }
  return double
}
