import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventStore, StoredEvent } from '../../eventstore/port.ts'
import { addressOf } from '../../eventstore/streams.ts'
import { quarantineDoor } from '../../main/quarantine-door.ts'
import { newId } from '../../shared/ids.ts'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'

let engine: Engine
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
})
afterEach(() => engine.close())

const maria = [phone('5511987654321')]
const joao = [phone('5511987650000')]
const bodies = async (): Promise<string[]> =>
  (await engine.facts('ticket-')).flatMap(fact =>
    fact.type === 'message.received' ? [fact.data.personal?.body ?? ''] : [],
  )
const letters = async () =>
  (await engine.facts('deadletter-')).filter(({ type }) => type === 'deadLetter.recorded')

/** The log as a release reads it that cannot make sense of one stream, until it is repaired. */
const misreading = (stream: string) => {
  const release = { repaired: false }
  const store: EventStore = {
    ...engine.store,
    readStream: async function* (
      ...asked: Parameters<EventStore['readStream']>
    ): AsyncGenerator<StoredEvent> {
      for await (const event of engine.store.readStream(...asked))
        yield asked[0] === stream && !release.repaired ? { ...event, data: {} } : event
    },
  }
  return { release, store }
}

describe('messages for an actor that cannot be brought back', () => {
  const take = (node: Node, from: typeof maria, ...ids: string[]) =>
    node.intake.take(
      engine.companyId,
      place.sessionId,
      ids.map(id => text(id, from)),
    )

  test('are kept as dead letters, cost nobody else anything, and are messages again after the repair', async () => {
    await take(engine.node('old'), maria, 'm1')
    const stream = (await engine.facts('ticket-'))[0]!.stream
    const { release, store } = misreading(stream)
    const node = engine.node('new', store)
    const ids = ['m2', 'm3', 'm4', 'm5', 'm6', 'm7']
    for (const id of ids) await take(node, maria, id)
    await take(node, joao, 'j1')
    expect(await bodies()).toEqual(['text m1', 'text j1'])
    expect(await letters()).toHaveLength(ids.length)
    const address = addressOf(stream)
    expect(node.directory.quarantined()).toMatchObject([{ address }])
    expect(await node.ask(place.ana, 'ticket.accept', { id: address.id })).toMatchObject({
      refused: 'quarantined',
      data: { type: 'ticket', id: address.id },
    })

    // Tried too early, a letter stays, and so does the actor where it is.
    const door = quarantineDoor(node.directory)
    const letterIds = (await letters()).map(letter => addressOf(letter.stream).id)
    await node.done(place.admin, 'deadLetter.retry', { id: letterIds[0]! })
    expect(await bodies()).toHaveLength(2)
    expect(await door.retry(engine.companyId, 'ticket', address.id)).toMatchObject({ recovered: false })

    release.repaired = true
    expect(await door.retry(newId(), 'ticket', address.id)).toBeNull()
    expect(door.list(newId())).toEqual([])
    expect(door.list(engine.companyId)).toMatchObject([{ type: 'ticket', id: address.id }])
    expect(await door.retry(engine.companyId, 'ticket', address.id)).toEqual({
      recovered: true,
      reason: null,
    })
    expect(door.list(engine.companyId)).toEqual([])
    for (const id of letterIds) await node.done(place.admin, 'deadLetter.retry', { id })
    expect((await bodies()).sort()).toEqual(['text j1', 'text m1', ...ids.map(id => `text ${id}`)].sort())
    // Redelivered by the channel on top of it all: still once.
    await take(node, maria, ...ids)
    expect(await bodies()).toHaveLength(ids.length + 2)
  })
})

test('when too much waits already, the channel is told to deliver again, and nothing is lost or buried', async () => {
  let open = (): void => undefined
  const gate = new Promise<void>(resolve => (open = resolve))
  const slow: EventStore = {
    ...engine.store,
    append: (...append) => gate.then(() => engine.store.append(...append)),
  }
  const node = engine.node('slow', slow, { waitingMax: 1 })
  const change = (name: string) => node.ask(place.admin, 'queue.change', { id: place.queueId, name })
  const take = () => node.intake.take(engine.companyId, place.sessionId, [text('m1', maria)])
  const changes = [change('a'), change('b')]
  await expect.poll(() => node.directory.waiting()).toBe(1)
  expect(await change('c')).toMatchObject({ refused: 'busy' })
  await expect(take()).rejects.toThrow('busy')
  open()
  await Promise.all(changes)
  expect([await bodies(), await letters()]).toEqual([[], []])
  await take()
  expect([await bodies(), await letters()]).toEqual([['text m1'], []])
})
