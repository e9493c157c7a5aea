import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { allEvents, type DomainEvent, type EventType } from '../../src/events/all.ts'
import type { FactDefinition } from '../../src/events/define.ts'
import { encode } from '../../src/eventstore/codec.ts'
import type { StoredEvent } from '../../src/eventstore/port.ts'
import { openingOf } from './facts.ts'
import { BEFORE, COMPANY, idOf, NOW } from './given.ts'

/**
 * Golden samples: one stored event of every version of every type, and whole streams, as some release wrote them. They
 * are written once (`WRITE_GOLDEN=1 npx vitest run src/events/golden` adds what is missing) and never again: what is in
 * somebody's log cannot be written again either. The keys beside them protect nothing but these samples.
 */
export const GOLDEN = fileURLToPath(new URL('../../src/events/golden/', import.meta.url))
export const mayWrite = process.env['WRITE_GOLDEN'] === '1'

export type Sample = {
  readonly event: StoredEvent
  /** Data key (base64) of the event's subject. */
  readonly key: string
  /** What the event says, opened by the release that wrote it. */
  readonly opened: unknown
  /** The schemas of that version. */
  readonly schema: { readonly open: unknown; readonly personal: unknown }
}

export const schemaOf = (definition: FactDefinition): Sample['schema'] =>
  JSON.parse(
    JSON.stringify({
      open: z.toJSONSchema(definition.open, { io: 'input' }),
      personal: definition.personal ? z.toJSONSchema(definition.personal, { io: 'input' }) : null,
    }),
  ) as Sample['schema']

export const sampleFile = (type: string, version: number): string =>
  `${GOLDEN}samples/${type}.v${version}.json`
export const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T
export const writeJson = async (file: string, value: unknown): Promise<void> => {
  await mkdir(new URL('.', `file://${file}`), { recursive: true })
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`, { flag: 'wx' })
}
export const filesIn = async (folder: string): Promise<string[]> => {
  const path = `${GOLDEN}${folder}`
  return existsSync(path) ? (await readdir(path)).sort().map(name => `${path}/${name}`) : []
}

const SUBJECT = idOf('maria')
const messageId = idOf('hello')
const media = {
  key: 'company/sha',
  mime: 'image/jpeg',
  size: 1_234,
  sha256: 'c2hh',
  providerMediaId: 'media-1',
}
const pricing = {
  billable: true,
  model: 'PMP',
  type: 'regular',
  category: 'service',
  conversationId: '4e9d6b8f0a',
  conversationUntil: NOW,
}
const addresses = [
  { kind: 'phone' as const, value: '5511987654321' },
  { kind: 'bsuid' as const, value: 'BR.1' },
]
const content = {
  messageId,
  kind: 'image' as const,
  sentAt: BEFORE,
  receivedAt: NOW,
  late: true,
  media: { ...media, atChannel: true },
}
const settings = {
  reopenPolicy: 'same-agent' as const,
  reopenMinutes: 30,
  phoneNumberId: '1',
  businessAccountId: '2',
}
const userId = idOf('ana')
const reason = 'the reason'
const deadline = '2026-03-02T13:00:00.000Z'

type DataOf<T extends EventType> = Extract<DomainEvent, { type: T }>['data']
/** Every field of every type once. */
export const examples: { readonly [T in EventType]: DataOf<T> } = {
  'company.created': { name: 'Acme', locale: 'pt-BR', timeZone: 'America/Sao_Paulo' },
  'company.ticketNumbersReserved': { from: 1, to: 50, node: 'node-1' },
  'company.settingsChanged': {
    inboundMediaBytesMax: 16_777_216,
    outboundMediaBytesMax: null,
    tellTooLarge: false,
    largeFilesAsLinks: false,
  },
  'user.created': {
    role: 'agent',
    queueIds: [idOf('sales')],
    locale: 'pt-BR',
    personal: { name: 'Ana', email: 'ana@example.com' },
  },
  'user.changed': {
    role: 'supervisor',
    queueIds: [],
    locale: 'en',
    personal: { name: 'Ana Maria', email: 'ana.maria@example.com' },
  },
  'user.passwordChanged': {},
  'user.deactivated': {},
  'user.reactivated': {},
  'user.uploadRefused': { found: 'Eicar-Test-Signature', personal: { fileName: 'invoice.pdf' } },
  'queue.created': { name: 'Sales', color: '#00aa55' },
  'queue.changed': { name: 'Support', color: '#aa5500' },
  'queue.removed': {},
  'deadLetter.recorded': {
    source: 'intake',
    reason,
    sessionId: idOf('session'),
    aliasIds: [idOf('alias')],
    rawKey: 'raw-key',
    personal: { payload: '{}' },
  },
  'deadLetter.retried': { userId, outcome: 'failed', reason },
  'deadLetter.dropped': { userId },
  'deadLetter.erased': {},
  'audit.headsListed': { place: '0', part: 0, heads: [['ticket-company.id', 4, 'hash']] },
  'audit.rootSigned': {
    ordinal: 2,
    place: '0',
    parts: 1,
    streams: 1,
    previous: 'hash',
    hash: 'hash',
    signature: 'signature',
    publicKey: 'key',
  },
  'alias.claimed': { contactId: SUBJECT },
  'alias.released': { contactId: SUBJECT },
  'contact.created': {
    isGroup: false,
    nameHash: 'hash',
    source: 'channel',
    personal: { name: 'Maria', phone: '5511987654321', email: null, addresses },
  },
  'contact.aliasAdded': { aliasId: idOf('alias'), personal: { address: addresses[1]! } },
  'contact.renamed': { nameHash: 'hash', source: 'user', personal: { name: 'Maria da Silva' } },
  'contact.changed': { fields: ['email'], personal: { email: 'maria@example.com' } },
  'contact.blocked': { userId },
  'contact.unblocked': { userId },
  'contact.merged': { intoId: idOf('other'), formerId: null, userId, reason: 'user' },
  'contact.mergeCompleted': { intoId: idOf('other'), conversationsJoined: 2, ticketsClosed: 1 },
  'contact.unmerged': { fromId: idOf('other'), userId, blocked: false },
  'contact.absorbed': {
    contactId: idOf('other'),
    blocked: false,
    nameSource: 'channel',
    personal: { name: 'Maria', phone: null, email: null, addresses },
  },
  'contact.parted': { contactId: idOf('other') },
  'contact.erased': { userId, reason: 'requested', aliasIds: [idOf('alias')] },
  'contact.erasureCompleted': { filesRemoved: 2, lettersErased: 1, ticketsClosed: 1 },
  'session.created': {
    name: 'Desk',
    provider: 'cloud',
    queueIds: [idOf('sales')],
    settings,
    isDefault: true,
  },
  'session.changed': { name: 'Front desk', queueIds: [], settings, isDefault: false },
  'session.startRequested': {},
  'session.owned': { node: 'node-1' },
  'session.awaitingScan': {},
  'session.syncing': {},
  'session.connected': { account: '551130000000' },
  'session.disconnected': { reason, code: '428' },
  'session.chatBegun': { conversationId: idOf('conversation'), messageId },
  'session.gapRecorded': { from: BEFORE, to: NOW },
  'session.stopped': { reason },
  'session.loggedOut': { reason },
  'session.replaced': { reason },
  'session.restricted': { reason },
  'session.failed': { reason },
  'session.removed': {},
  'conversation.started': {
    sessionId: idOf('session'),
    contactId: SUBJECT,
    isGroup: false,
    addressesHash: 'hash',
    personal: { addresses },
  },
  'conversation.addressesChanged': { addressesHash: 'hash', personal: { addresses } },
  'conversation.ticketClaimed': { ticketId: idOf('ticket'), ordinal: 2, reopen: true, opening: openingOf() },
  'conversation.ticketReleased': {
    ticketId: idOf('ticket'),
    ordinal: 2,
    closedAt: NOW,
    queueId: idOf('sales'),
    userId,
    messageIds: [messageId],
  },
  'conversation.messagesRemembered': { ticketId: idOf('ticket'), messageIds: [messageId] },
  'conversation.contactReplaced': { contactId: SUBJECT, addressesHash: 'hash', personal: { addresses } },
  'conversation.absorbed': {
    conversationId: idOf('conversation'),
    ordinal: 3,
    lastInboundAt: NOW,
    last: null,
    messageIds: [messageId],
  },
  'conversation.restored': { from: idOf('conversation'), messageIds: [messageId] },
  'conversation.claimDropped': { ticketId: idOf('ticket'), messageIds: [messageId] },
  'conversation.parted': { conversationId: idOf('conversation'), redirect: 4, ticketId: idOf('ticket') },
  'conversation.redirected': { to: idOf('conversation') },
  'ticket.opened': { ...openingOf({ userId }), ordinal: 1 },
  'ticket.accepted': { userId, waitedMs: 60_000 },
  'ticket.returned': { fromUserId: userId },
  'ticket.takenOver': { userId: idOf('lead'), fromUserId: userId },
  'ticket.queueChanged': { queueId: idOf('sales') },
  'ticket.closed': { reason: 'solved', userId },
  'ticket.reopened': { userId: null, by: 'customer', ordinal: 2 },
  'ticket.snoozed': { userId, until: deadline },
  'ticket.woken': { by: 'timer', userId: null },
  'ticket.parted': { conversationId: idOf('conversation'), redirect: 4 },
  'ticket.seen': { userId },
  'message.received': {
    ...content,
    authorId: SUBJECT,
    quotedMessageId: idOf('quoted'),
    rawKey: 'raw-key',
    personal: {
      body: 'Olá! 👋',
      providerMessageId: 'wamid.1',
      mediaName: 'photo.jpg',
      mediaAddress: 'media-1',
      details: { latitude: -23.5 },
      raw: { id: 'wamid.1' },
    },
  },
  'message.mirrored': {
    ...content,
    rawKey: 'raw-key',
    personal: {
      body: 'From the phone',
      providerMessageId: 'wamid.2',
      mediaName: 'a.jpg',
      mediaAddress: 'media-2',
      raw: { id: 'wamid.2' },
    },
  },
  'message.queued': {
    messageId,
    userId,
    kind: 'text',
    deadline,
    quotedMessageId: idOf('quoted'),
    media: { ...media, seconds: 2.5, width: 640, height: 480, thumbnail: true },
    forwardedId: idOf('forwarded'),
    link: { expiresAt: deadline },
    personal: {
      body: 'Hello',
      mediaName: 'photo.jpg',
      linkText: 'photo.jpg: https://example.com/files/shared/1',
      location: { latitude: -23.55, longitude: -46.63, name: 'Acme', address: 'Rua Um, 1' },
      contacts: [
        { name: 'Ana', phones: ['+55 11 98765-4321'], emails: ['ana@example.com'], organisation: 'Acme' },
      ],
      interactive: {
        type: 'list',
        button: 'Choose',
        sections: [{ title: 'Days', rows: [{ id: 'mon', title: 'Monday', description: 'Morning' }] }],
      },
      template: {
        name: 'hello',
        language: 'pt_BR',
        parameters: ['Maria'],
        header: { type: 'location', latitude: -23.55, longitude: -46.63, name: 'Acme', address: 'Rua Um, 1' },
        footer: 'Acme',
        buttons: [{ type: 'url', text: 'Open', value: 'https://example.com/4711', parameter: '4711' }],
      },
    },
  },
  'message.actionQueued': {
    messageId,
    actionId: idOf('action'),
    action: 'edit',
    userId,
    deadline,
    personal: { emoji: '👍', body: 'Hello again' },
  },
  'message.actionFailed': { messageId, actionId: idOf('action'), action: 'revoke', reason, code: 'too-old' },
  'message.sending': { messageId, attempt: 1, fence: '3' },
  'message.sent': { messageId, pricing, personal: { providerMessageId: 'wamid.3' } },
  'message.delivered': { messageId, at: NOW, pricing },
  'message.read': { messageId, at: NOW, pricing },
  'message.played': { messageId, at: NOW },
  'message.failed': { messageId, reason, code: '131026', retryable: true },
  'message.deferred': { messageId, reason, until: NOW, retries: 1, held: { by: 'pace', deadline } },
  'message.outcomeUnknown': { messageId, attempt: 1, reason },
  'message.requeued': { messageId, userId, deadline },
  'message.mediaStored': { messageId, media: { ...media, tooLarge: false } },
  'message.mediaFailed': { messageId, reason },
  'message.reacted': {
    messageId,
    authorId: SUBJECT,
    fromMe: false,
    actionId: idOf('action'),
    personal: { emoji: '👍' },
  },
  'message.deciphered': {
    messageId,
    kind: 'document',
    at: NOW,
    quotedMessageId: idOf('quoted'),
    media: { ...media, atChannel: true },
    rawKey: 'sha256-of-the-raw-payload',
    personal: {
      body: 'Hello after all',
      mediaName: 'file.pdf',
      mediaAddress: 'media-3',
      details: { a: 1 },
      raw: { b: 2 },
    },
  },
  'message.edited': { messageId, at: NOW, actionId: idOf('action'), personal: { body: 'Edited' } },
  'message.revoked': { messageId, at: NOW, actionId: idOf('action') },
}

const KEY = Buffer.from('golden samples protect no person', 'utf8')

/** A sample of the newest version of a type, as this release stores it. */
export const makeSample = (type: EventType): Sample => {
  const definition: FactDefinition = allEvents[type]
  const meta = {
    companyId: COMPANY,
    actor: { kind: 'user' as const, id: userId },
    at: NOW,
    commandId: idOf('command'),
    commandHash: 'hash',
    correlationId: 'correlation',
    causationId: 'causation',
    rule: 'rule',
    settingsRevision: 4,
    ...(definition.personal ? { subject: SUBJECT } : {}),
    prev: 'hash of the event before',
  }
  const fact = { type, data: examples[type] } as DomainEvent
  const event = encode(fact, idOf(`golden ${type}`), meta, definition.personal ? KEY : null)
  const stored = { ...event, stream: 'golden', revision: 0, position: '', created: Date.parse(NOW) }
  return {
    event: stored as unknown as StoredEvent,
    key: KEY.toString('base64'),
    opened: examples[type],
    schema: schemaOf(definition),
  }
}
