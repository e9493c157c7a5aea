import type { Capabilities, Message, Session, Ticket, User } from '../api/index.ts'

/** What a login answers, for screens that show each role something else. */
export const signedInAs = (role: User['role']): { body: unknown } => ({
  body: { accessToken: 'token', expiresIn: 900, user: aUser({ role }) },
})

/** Rows as the server sends them, for tests to change what they are about. */
export const aUser = (change: Partial<User> = {}): User => ({
  id: 'user-1',
  companyId: 'company-1',
  name: 'Marina Alves',
  email: 'marina@example.com',
  role: 'agent',
  queueIds: [],
  active: true,
  locale: 'pt-BR',
  revision: 0,
  ...change,
})

export const aTicket = (change: Partial<Ticket> = {}): Ticket => ({
  id: 'ticket-1',
  number: 1000,
  status: 'pending',
  revision: 1,
  contact: { id: 'contact-1', name: 'João Conceição', phone: '5511988887777', isGroup: false },
  session: { id: 'session-1', name: 'Loja', provider: 'simulator' },
  queue: null,
  user: null,
  tags: [],
  priority: 0,
  lastMessage: {
    preview: 'Oi',
    at: '2026-03-01T12:00:00.000Z',
    fromMe: false,
    kind: 'text',
    ack: 'received',
  },
  unreadCount: 1,
  isGroup: false,
  openedAt: '2026-03-01T12:00:00.000Z',
  acceptedAt: null,
  closedAt: null,
  updatedAt: '2026-03-01T12:00:00.000Z',
  ...change,
})

export const aMessage = (change: Partial<Message> = {}): Message => ({
  id: 'message-1',
  ticketId: 'ticket-1',
  fromMe: false,
  kind: 'text',
  body: 'Oi',
  ack: 'received',
  reactions: [],
  revision: 1,
  late: false,
  timestamp: '2026-03-01T12:00:00.000Z',
  sentAt: '2026-03-01T12:00:00.000Z',
  ...change,
})

export const aSession = (change: Partial<Session> = {}): Session => ({
  id: 'session-1',
  name: 'Shop',
  provider: 'cloud',
  status: 'connected',
  isDefault: false,
  queueIds: ['q1'],
  settings: { reopenPolicy: 'reopen', reopenMinutes: 120 },
  account: null,
  reason: null,
  since: '2026-03-01T12:00:00.000Z',
  revision: 1,
  createdAt: '2026-03-01T12:00:00.000Z',
  ...change,
})

export const capabilities = (change: Partial<Capabilities> = {}): Capabilities => ({
  kinds: ['text', 'image', 'video', 'audio', 'document', 'reaction', 'edit', 'revoke'],
  captions: ['image', 'video', 'document'],
  quotes: true,
  readReceipts: true,
  typing: true,
  groups: true,
  pairing: [],
  textLengthMax: 4096,
  mediaBytesMax: {},
  mediaTypes: {},
  choices: null,
  editMinutesMax: null,
  windowHours: null,
  humanAgentHours: null,
  ...change,
})
