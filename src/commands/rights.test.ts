import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROLES, type Role } from '../events/company.ts'
import { newId, type CompanyId } from '../shared/ids.ts'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { commands } from './registry.ts'

let engine: Engine
let node: Node
beforeAll(async () => {
  engine = await openEngine()
  node = engine.node()
})
afterAll(() => engine.close())

const PEOPLE: readonly Role[] = ['super-admin', 'admin', 'supervisor', 'agent']
const ADMINS: readonly Role[] = ['super-admin', 'admin']
/** The rights of this release, written down a second time: whoever changes one says so here. */
const MAY: Readonly<Record<string, readonly (Role | 'system')[]>> = {
  'company.create': ['system'],
  'company.changeSettings': ADMINS,
  'user.create': [...ADMINS, 'system'],
  'user.change': ADMINS,
  'user.deactivate': ADMINS,
  'user.reactivate': ADMINS,
  'user.refuseUpload': ['system'],
  'queue.create': ADMINS,
  'queue.change': ADMINS,
  'queue.remove': ADMINS,
  'session.create': ADMINS,
  'session.change': ADMINS,
  'session.requestPairingCode': ADMINS,
  'session.retryNow': ADMINS,
  'session.start': ADMINS,
  'session.stop': ADMINS,
  'session.restart': ADMINS,
  'session.logout': ADMINS,
  'session.remove': ADMINS,
  'session.own': ['system'],
  'session.recordLink': ['system'],
  'session.recordGap': ['system'],
  'session.beginChat': ['system'],
  'contact.create': PEOPLE,
  'contact.change': PEOPLE,
  'contact.block': PEOPLE,
  'contact.unblock': PEOPLE,
  'contact.merge': ['super-admin', 'admin', 'supervisor'],
  'contact.unmerge': ['super-admin', 'admin', 'supervisor'],
  'contact.continueMerge': ['system'],
  'contact.continueUnmerge': ['system'],
  'contact.erase': [...ADMINS, 'system'],
  'contact.forget': ['system'],
  'contact.completeErasure': ['system'],
  'ticket.open': PEOPLE,
  'ticket.accept': PEOPLE,
  'ticket.return': [...PEOPLE, 'system'],
  'ticket.takeover': ['super-admin', 'admin', 'supervisor'],
  'ticket.read': PEOPLE,
  'ticket.close': PEOPLE,
  'ticket.reopen': PEOPLE,
  'ticket.snooze': PEOPLE,
  'ticket.wake': PEOPLE,
  'ticket.wakeByTimer': ['system'],
  'message.receive': ['system'],
  'message.recordStatus': ['system'],
  'contact.identify': ['system'],
  'contact.noteProfile': ['system'],
  'message.recordWatermark': ['system'],
  'message.send': PEOPLE,
  'message.forward': PEOPLE,
  'message.react': PEOPLE,
  'message.edit': PEOPLE,
  'message.revoke': PEOPLE,
  'message.retry': PEOPLE,
  'message.startSending': ['system'],
  'message.recordOutcome': ['system'],
  'message.recordMedia': ['system'],
  'deadLetter.record': ['system'],
  'deadLetter.retry': ADMINS,
  'deadLetter.drop': ADMINS,
  'deadLetter.erase': ['system'],
  'audit.listHeads': ['system'],
  'audit.signRoot': ['system'],
  'conversation.repair': ['system'],
}
const ASKERS = [...ROLES, 'system'] as const
const matrix = commands.flatMap(({ name }) =>
  ASKERS.map(who => ({ name, who, may: MAY[name]?.includes(who) })),
)

describe('who may ask what', () => {
  test('is written down for every command', () => {
    expect(commands.map(({ name }) => name).sort()).toEqual(Object.keys(MAY).sort())
  })

  test.each(matrix)('$who asks $name: $may', async ({ name, who, may }) => {
    const principal = who === 'system' ? engine.system : engine.user(who)
    // Input that no schema takes: whoever is let in is told that it is wrong, before anything is done.
    const answer = await node.ask(principal, name, { nonsense: true })
    expect(answer).toMatchObject({ refused: may ? 'invalid' : 'forbidden' })
  })
})

describe('another company', () => {
  test('finds none of our tickets, messages, contacts, sessions, queues or users', async () => {
    const place = await engine.found()
    await node.intake.take(engine.companyId, place.sessionId, [text('m1', [phone('5511987654321')])])
    const facts = await engine.facts()
    const idOf = (type: string): string => facts.find(fact => fact.type === type)!.stream.split('.')[1]!
    const ticketId = idOf('ticket.opened')
    const contactId = idOf('contact.created')
    const { messageId } = facts.find(fact => fact.type === 'message.received')!.data as { messageId: string }
    const created = await node.done(place.admin, 'user.create', {
      name: 'Ana',
      email: 'ana@example.com',
      password: 'a long password',
      role: 'agent',
      queueIds: [],
    })
    const stranger = { ...engine.user('super-admin'), companyId: newId<CompanyId>() }
    const head = await engine.store.head()
    const asked: readonly (readonly [string, object])[] = [
      ...['accept', 'return', 'takeover', 'read', 'close', 'reopen', 'wake'].map(
        name => [`ticket.${name}`, { id: ticketId }] as const,
      ),
      ['ticket.snooze', { id: ticketId, untilReply: true }],
      ['ticket.open', { contactId, sessionId: place.sessionId, body: 'Hello' }],
      ['message.send', { ticketId, body: 'Hello' }],
      ['message.retry', { ticketId, messageId }],
      ['contact.change', { id: contactId, name: 'X' }],
      ['contact.block', { id: contactId }],
      ['contact.erase', { id: contactId }],
      ['contact.unblock', { id: contactId }],
      ['queue.change', { id: place.queueId, name: 'X' }],
      ['queue.remove', { id: place.queueId }],
      ...['start', 'stop', 'restart', 'logout', 'remove', 'change'].map(
        name => [`session.${name}`, { id: place.sessionId }] as const,
      ),
      ['user.change', { id: created.id, name: 'X' }],
      ['user.deactivate', { id: created.id }],
      ['user.reactivate', { id: created.id }],
    ]
    for (const [name, input] of asked)
      expect(await node.ask(stranger, name, input), name).toMatchObject({ refused: 'not-found' })
    expect(await engine.store.head()).toBe(head)
  })
})

test('bad input is a refusal that names the field', async () => {
  expect(await node.ask(engine.user('agent'), 'message.send', { ticketId: 'x', body: 'y' })).toMatchObject({
    refused: 'invalid',
    detail: expect.stringContaining('ticketId'),
  })
})
