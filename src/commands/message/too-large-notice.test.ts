import { afterEach, beforeEach, expect, test } from 'vitest'
import { EVERYTHING } from '../../../test/support/capabilities.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import { tooLargeWords } from './too-large-notice.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const MARIA = phone('5511987654321')
const DAY_MS = 86_400_000
const facts = (type: string) => engine.facts().then(all => all.filter(fact => fact.type === type))
const ago = (ms: number): string => new Date(engine.clock.now() - ms).toISOString()

/** A file comes, and turns out to be too large. */
const tooLarge = async (more: { sentAt?: string; group?: boolean } = {}) => {
  const { sentAt = ago(0), group = false } = more
  await node.intake.take(engine.companyId, place.sessionId, [
    text('m1', [MARIA], {
      sentAt,
      kind: 'video',
      media: { mime: 'video/mp4', providerMediaId: 'at-the-channel' },
      ...(group ? { group: [{ kind: 'group', value: 'family' }] } : {}),
    }),
  ])
  const [received] = await facts('message.received')
  const ticketId = received!.stream.split('.')[1]!
  const { messageId } = received!.data as { messageId: string }
  const record = () =>
    node.done(
      engine.system,
      'message.recordMedia',
      {
        place: { type: 'ticket', id: ticketId },
        messageId,
        sentAt,
        fetched: { outcome: 'too-large', mime: 'video/mp4', size: 200_000_000 },
      },
      { key: `media:${messageId}` },
    )
  return { ticketId, record }
}

test('the customer is told the limit, once, in the company’s language', async () => {
  const { record, ticketId } = await tooLarge()
  await node.done(place.admin, 'company.changeSettings', { inboundMediaBytesMax: 1_572_864 })
  await record()
  await record()
  const told = await facts('message.queued')
  expect(told.map(fact => (fact.data as { personal: unknown }).personal)).toEqual([
    {
      body: 'O arquivo que você enviou tem mais de 1,5 MB e por isso não chegou até nós. Envie um arquivo menor, por favor.',
    },
  ])
  // Nobody has read what came in: the server spoke by itself.
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
  await node.done(place.ana, 'ticket.read', { id: ticketId })
  expect(await facts('ticket.seen')).toHaveLength(1)
})

test('nobody is told where the company does not want it', async () => {
  await node.done(place.admin, 'company.changeSettings', { tellTooLarge: false })
  await (await tooLarge()).record()
  expect(await facts('message.mediaStored')).toHaveLength(1)
  expect(await facts('message.queued')).toEqual([])
})

test.each([
  ['a group', { group: true }, {}],
  ['who sent it longer than a day ago', { sentAt: 'old' }, {}],
  ['whom the channel no longer lets one write to', {}, { windowHours: 0 }],
])('nothing is said to %s', async (_, how, can) => {
  engine.channel.capabilities = { ...EVERYTHING, ...can }
  const sentAt = 'sentAt' in how ? ago(DAY_MS + 60_000) : ago(0)
  await (await tooLarge({ ...how, sentAt })).record()
  expect(await facts('message.mediaStored')).toHaveLength(1)
  expect(await facts('message.queued')).toEqual([])
})

test('nor to who was blocked meanwhile, or where the ticket was closed', async () => {
  const { record, ticketId } = await tooLarge()
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
  await node.done(place.ana, 'ticket.close', { id: ticketId })
  await record()
  expect(await facts('message.mediaStored')).toHaveLength(1)
  expect(await facts('message.queued')).toEqual([])
})

test('each language has its words and its numbers', () => {
  expect(tooLargeWords('en', 16 * 1024 * 1024)).toContain('over 16 MB,')
  expect(tooLargeWords('es', 1_572_864)).toContain('supera 1,5 MB ')
  expect(tooLargeWords('fr', 1_572_864)).toBe(tooLargeWords('pt-BR', 1_572_864))
})
