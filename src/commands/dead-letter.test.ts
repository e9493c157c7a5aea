import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultyStore } from '../../test/support/faulty-store.ts'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { newId } from '../shared/ids.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
const maria = [phone('5511987654321')]

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const of = async (...types: string[]) => (await engine.facts()).filter(fact => types.includes(fact.type))
const letterId = async (): Promise<string> => {
  const letters = await of('deadLetter.recorded')
  expect(letters).toHaveLength(1)
  return letters[0]!.stream.split('.')[1]!
}
const retry = (who = place.admin, key?: string) =>
  letterId().then(id => node.ask(who, 'deadLetter.retry', { id }, key ? { key } : {}))
const outcomes = async () =>
  (await of('deadLetter.retried')).map(({ data }) => (data as { outcome: string }).outcome)

/** Items of a business number that no session had when they came. */
const buryForNumber = (phoneNumberId: string) =>
  node.intake.bury(engine.companyId, null, 'webhook:whatsapp', 'no session has the number', {
    phoneNumberId,
    items: [text('m1', maria), text('m2', maria)],
  })
const give = (phoneNumberId: string) =>
  engine.vault.write([
    { put: ['session-directory', `phone/${engine.companyId}/${phoneNumberId}`, place.sessionId] },
  ])

describe('trying a dead letter again', () => {
  test('says that it failed while the cause is there, and makes each message once when it is gone', async () => {
    await buryForNumber('77')
    await retry()
    expect(await outcomes()).toEqual(['failed'])
    expect((await of('deadLetter.retried'))[0]?.data).toMatchObject({ reason: expect.stringContaining('77') })
    expect(await of('message.received')).toEqual([])
    await give('77')
    expect(await retry()).toMatchObject({ id: await letterId() })
    expect(await outcomes()).toEqual(['failed', 'processed'])
    const received = await of('message.received')
    expect(received.map(({ data }) => (data as { personal: { body: string } }).personal.body)).toEqual([
      'text m1',
      'text m2',
    ])
    expect(await retry()).toMatchObject({ refused: 'not-retryable' })
    expect(await of('message.received')).toHaveLength(2)
  })

  test('two admins at once make one message of each and one outcome', async () => {
    await buryForNumber('77')
    await give('77')
    const answers = await Promise.all([retry(), retry(engine.user('super-admin'))])
    expect(answers.filter(answer => 'refused' in answer)).toEqual([])
    expect(await outcomes()).toEqual(['processed'])
    expect(await of('message.received')).toHaveLength(2)
  })

  test('a crash between the messages and the outcome is made good by the next try', async () => {
    await buryForNumber('77')
    await give('77')
    const dying = engine.node(
      'dying',
      faultyStore(engine.store, (_, stream) => (stream.startsWith('deadletter-') ? 'crash' : undefined)),
    )
    await expect(dying.ask(place.admin, 'deadLetter.retry', { id: await letterId() })).rejects.toThrow()
    expect([await outcomes(), (await of('message.received')).length]).toEqual([[], 2])
    node = engine.node()
    await retry()
    expect([await outcomes(), (await of('message.received')).length]).toEqual([['processed'], 2])
  })

  test('the same key again answers what the first came to, and hands nothing in', async () => {
    await buryForNumber('77')
    const first = await retry(place.admin, 'k')
    await give('77')
    expect(await retry(place.admin, 'k')).toMatchObject({ ...first, position: null, duplicate: true })
    expect(await outcomes()).toEqual(['failed'])
    expect(await of('message.received')).toEqual([])
  })

  test('while the store is away nothing is said to have failed', async () => {
    await buryForNumber('77')
    await give('77')
    const cut = engine.node(
      'cut',
      faultyStore(engine.store, (_, stream) => (stream.startsWith('contact') ? 'cut' : undefined)),
    )
    const answer = await cut.ask(place.admin, 'deadLetter.retry', { id: await letterId() })
    expect(answer).toMatchObject({ refused: 'store-unavailable' })
    expect(await outcomes()).toEqual([])
  }, 20_000)

  test('a delivery that could not be read is read again', async () => {
    const delivery = (timestamp: string) => ({
      object: 'whatsapp_business_account',
      entry: [
        {
          changes: [
            {
              field: 'messages',
              value: {
                metadata: { display_phone_number: '1', phone_number_id: '77' },
                messages: [
                  { from: '5511987654321', id: 'w1', timestamp, type: 'text', text: { body: 'oi' } },
                ],
              },
            },
          ],
        },
      ],
    })
    await give('77')
    const bury = (timestamp: string) =>
      node.intake.bury(engine.companyId, place.sessionId, 'webhook:whatsapp', 'broken', {
        delivery: delivery(timestamp),
      })
    await bury('soon')
    await retry()
    expect((await of('deadLetter.retried'))[0]?.data).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('timestamp'),
    })
    const [first] = await of('deadLetter.recorded')
    await node.done(place.admin, 'deadLetter.drop', { id: first!.stream.split('.')[1]! })
    await bury('1749416383')
    const [, second] = await of('deadLetter.recorded')
    await node.done(place.admin, 'deadLetter.retry', { id: second!.stream.split('.')[1]! })
    expect(await of('message.received')).toHaveLength(1)
  })

  test('a message that the intake refused is taken once its session exists', async () => {
    const item = text('m1', maria)
    await node.intake.take(engine.companyId, newId(), [item])
    await retry()
    expect(await outcomes()).toEqual(['failed'])
    expect(await of('message.received')).toEqual([])
  })
})

describe('a dead letter', () => {
  test('that comes again is the same one, late or not', async () => {
    const unknown = newId()
    await node.intake.take(engine.companyId, unknown, [text('m1', maria)])
    await node.intake.take(engine.companyId, unknown, [text('m1', maria, { late: true })])
    await letterId()
  })

  test('once dropped stays dropped, and is not tried again', async () => {
    await buryForNumber('77')
    const id = await letterId()
    await node.done(place.admin, 'deadLetter.drop', { id })
    expect(await node.done(place.admin, 'deadLetter.drop', { id })).toMatchObject({ duplicate: true })
    await give('77')
    expect(await retry()).toMatchObject({ refused: 'not-retryable' })
    expect(await of('message.received')).toEqual([])
    expect(await of('deadLetter.dropped')).toHaveLength(1)
  })

  test.each(['deadLetter.retry', 'deadLetter.drop'])(
    '%s is for admins, and in their company',
    async command => {
      await buryForNumber('77')
      const id = await letterId()
      for (const role of ['supervisor', 'agent', 'auditor', 'analyst'] as const)
        expect(await node.ask(engine.user(role), command, { id }), role).toMatchObject({
          refused: 'forbidden',
        })
      const stranger = { ...engine.user('admin'), companyId: newId<typeof engine.companyId>() }
      expect(await node.ask(stranger, command, { id })).toMatchObject({ refused: 'not-found' })
      expect(await node.ask(place.admin, command, { id: newId() })).toMatchObject({ refused: 'not-found' })
      expect(await of('deadLetter.retried', 'deadLetter.dropped')).toEqual([])
    },
  )
})

describe('a dead letter of any size', () => {
  const EVENT_BYTES_MAX = 256 * 1024
  /** What a payload is made of decides how much larger it gets where it is quoted and sealed. */
  const STUFF = { letters: 'a', quotes: '"', backslashes: '\\', umlauts: 'é', emoji: '😀', nul: '\0' }
  const sizes = [1_000, 24_000, 37_000, 49_000, 74_000, 149_000, 151_000, 400_000]
  test.each(Object.entries(STUFF))('of %s is kept, in the fact or beside it', async (_, stuff) => {
    for (const size of sizes) {
      const payload = { size, text: stuff.repeat(size / stuff.length) }
      await node.intake.bury(engine.companyId, place.sessionId, 'test', 'too strange', payload)
    }
    const letters = (await of('deadLetter.recorded')).map(
      ({ data }) =>
        JSON.parse((data as { personal: { payload: string } }).personal.payload) as {
          size?: number
          rawKey?: string
        },
    )
    // Every one is there, whole; those that are too large for a fact say where (in this engine always the same place).
    const whole = letters.flatMap(({ size }) => size ?? [])
    expect(whole).toEqual(sizes.slice(0, whole.length))
    expect(whole.length).toBeGreaterThan(0)
    expect(sizes[whole.length]).toBeGreaterThan(20_000)
    expect(letters.slice(whole.length)).toEqual([{ rawKey: 'raw-key' }])
    for (const event of await engine.events('deadletter-'))
      expect(Buffer.byteLength(JSON.stringify(event.data))).toBeLessThan(EVENT_BYTES_MAX)
  })
})
