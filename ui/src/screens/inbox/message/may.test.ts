import { beforeEach, expect, test } from 'vitest'
import type { Message, Ticket, User } from '../../../api/index.ts'
import { learnAbilities } from '../../../stores/abilities.ts'
import { signIn } from '../../../stores/auth.ts'
import { answerFetch } from '../../../testing/fake-fetch.ts'
import { aMessage, aTicket, aUser, capabilities } from '../../../testing/samples.ts'
import { deedsOf, type Deed } from './may.ts'

const open = (change: Partial<Ticket> = {}): Ticket =>
  aTicket({ status: 'open', user: { id: 'user-1', name: 'Marina' }, ...change })
const ours = (change: Partial<Message> = {}): Message =>
  aMessage({
    fromMe: true,
    ack: 'delivered',
    sentBy: { kind: 'user', id: 'user-1', name: 'Marina' },
    ...change,
  })
const linked: Message['media'] = {
  ...{ url: '/api/v1/media/1', mime: 'image/png', size: 9, name: 'a.png', thumbnailUrl: null },
  ...{ tooLarge: false, error: null, linkUntil: '2026-03-08T12:00:00.000Z' },
}
const as = async (change: Partial<User>): Promise<void> => {
  answerFetch(() => ({ body: { accessToken: 't', user: aUser(change) } }))
  await signIn({ email: 'a@example.com', password: 'secret' })
}
const whyNot = (deed: Deed, ticket: Ticket, message: Message): string | null | undefined => {
  const why = deedsOf(ticket, message).get(deed)
  return why ? why.key : why
}

beforeEach(async () => {
  learnAbilities('simulator', capabilities({ quotes: true }))
  await as({})
})

test("an agent's own words in the own ticket allow everything; a customer's are not changed or deleted", () => {
  expect([...deedsOf(open(), ours()).values()].every(why => why === null)).toBe(true)
  expect([...deedsOf(open(), ours()).keys()]).toEqual([
    'react',
    'reply',
    'copy',
    'edit',
    'forward',
    'details',
    'delete',
  ])
  expect([...deedsOf(open(), aMessage()).keys()]).toEqual(['react', 'reply', 'copy', 'forward', 'details'])
})

test.each<[string, Deed, Partial<Ticket>, Partial<Message>, string]>([
  ["another agent's ticket", 'react', { user: { id: 'user-2', name: 'Ana' } }, {}, 'why.other'],
  ['written on the phone', 'edit', {}, { sentBy: { kind: 'device', id: null, name: null } }, 'why.device'],
  ['never sent', 'delete', {}, { ack: 'failed' }, 'why.not-sent'],
  ['no words in it', 'edit', {}, { kind: 'audio' }, 'why.kind'],
  ['a file that went as a link', 'edit', {}, { kind: 'image', body: 'look', media: linked }, 'why.linked'],
  ['a silent customer', 'react', { window: { closesAt: '2026-01-01T00:00:00.000Z' } }, {}, 'why.window'],
  ['a customer who never wrote', 'react', { window: { closesAt: null } }, {}, 'why.window'],
  ['nothing to pass on', 'forward', {}, { kind: 'unsupported' }, 'why.empty'],
  ['a closed ticket', 'reply', { status: 'closed' }, {}, 'why.write'],
])('%s: the reason is said', (_, deed, ticket, message, reason) => {
  expect(whyNot(deed, open(ticket), ours(message))).toBe(reason)
})

test('what the channel cannot is said, and how long it lets words be changed', () => {
  learnAbilities('simulator', capabilities({ kinds: ['text'], quotes: false }))
  expect(whyNot('edit', open(), ours())).toBe('why.edit')
  expect(whyNot('delete', open(), ours())).toBe('why.revoke')
  expect(whyNot('reply', open(), ours())).toBe('why.quote')
  expect(whyNot('react', open(), ours())).toBe('why.reaction')
  learnAbilities('simulator', capabilities({ editMinutesMax: 15 }))
  expect(whyNot('edit', open(), ours())).toBe('why.too-old')
  expect(whyNot('edit', open(), ours({ timestamp: new Date().toISOString() }))).toBeNull()
})

test('a reader copies and looks, a deleted message has only details', async () => {
  expect([...deedsOf(open(), ours({ deletedAt: '2026-03-01T13:00:00.000Z' })).keys()]).toEqual(['details'])
  await as({ role: 'auditor' })
  expect(whyNot('copy', open(), ours())).toBeNull()
  for (const deed of ['react', 'reply', 'edit', 'forward', 'delete'] as const)
    expect(whyNot(deed, open(), ours())).toBe('why.reader')
})

test("a supervisor acts in anybody's ticket", async () => {
  await as({ role: 'supervisor' })
  expect(whyNot('delete', open({ user: { id: 'user-2', name: 'Ana' } }), ours())).toBeNull()
})

test('a link is offered to a file that is here, to whoever may see it', async () => {
  const media = { mime: 'image/png', size: 3, name: null, thumbnailUrl: null, tooLarge: false, error: null }
  const here = aMessage({ kind: 'image', media: { ...media, url: '/api/v1/media/message-1' } })
  expect(whyNot('link', open(), here)).toBeNull()
  expect(deedsOf(open(), aMessage({ kind: 'image', media: { ...media, url: null } })).has('link')).toBe(false)
  expect(deedsOf(open(), aMessage()).has('link')).toBe(false)
  await as({ role: 'auditor' })
  expect(whyNot('link', open(), here)).toBeNull()
})
