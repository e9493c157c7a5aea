import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailable, type EventStore } from '../eventstore/port.ts'
import {
  create,
  openQueueActors,
  rename,
  standingClock,
  type QueueActors,
} from '../../test/support/queue-actors.ts'
import { COMMAND_SECONDS_MAX, MailboxFull } from './mailbox.ts'

let actors: QueueActors
beforeEach(async () => {
  actors = await openQueueActors()
})
afterEach(() => actors.close())

/** A store that takes appends and tells nobody, until it is told to answer. */
const mute = (store: EventStore) => {
  let answer = (): void => undefined
  const answered = new Promise<void>(resolve => (answer = resolve))
  let appends = 0
  const append: EventStore['append'] = async (...asked) => {
    appends += 1
    const appended = await store.append(...asked)
    await answered
    return appended
  }
  return { store: { ...store, append }, answer, appends: () => appends }
}

describe('while the outcome of an append is unknown', () => {
  test('nothing is decided; everybody who asks is told within bounded time', async () => {
    const clock = standingClock()
    const { store, answer, appends } = mute(actors.log)
    const directory = actors.over(store, { clock })
    const queue = actors.queue()
    let decisions = 0
    const asked = [create, rename('a'), rename('b')].map(decide =>
      actors.ask(directory, queue, (...given) => {
        decisions += 1
        return decide(...given)
      }),
    )
    const told = Promise.allSettled([...asked, actors.state(directory, queue)])
    await expect.poll(appends).toBe(1)
    clock.pass(COMMAND_SECONDS_MAX * 1000)
    expect(
      (await told).map(one => one.status === 'rejected' && one.reason instanceof StoreUnavailable),
    ).toEqual([true, true, true, true])
    expect(decisions).toBe(1)
    answer()
    // Those who gave up were not carried out behind their backs; the one that was under way counts.
    await expect(actors.ask(directory, queue, rename('c'))).resolves.toMatchObject({
      outcome: 'done',
      revision: 1,
    })
    expect((await actors.events(queue)).map(({ data }) => data['name'])).toEqual(['Sales', 'c'])
  })

  test('a stop tells everybody at once, and nothing is left hanging', async () => {
    const clock = standingClock()
    const { store, answer, appends } = mute(actors.log)
    const directory = actors.over(store, { clock })
    const queues = [actors.queue(), actors.queue()]
    const asked = queues.flatMap(queue =>
      [create, rename('a')].map(decide => actors.ask(directory, queue, decide)),
    )
    const told = Promise.allSettled(asked)
    await expect.poll(appends).toBe(2)
    actors.stop.abort()
    for (const one of await told) expect(one).toMatchObject({ reason: expect.any(StoreUnavailable) })
    expect(clock.pending()).toBe(0)
    await expect(actors.ask(directory, actors.queue(), create)).rejects.toThrow(StoreUnavailable)
    answer()
  })

  test('a stop ends the repeating of what never gets an answer', async () => {
    const clock = standingClock()
    let appends = 0
    const append = () => {
      appends += 1
      return Promise.reject(new StoreUnavailable('cut'))
    }
    const directory = actors.over({ ...actors.log, append }, { clock })
    const asked = actors.ask(directory, actors.queue(), create).catch((error: unknown) => error)
    await expect.poll(() => clock.pending()).toBeGreaterThan(1)
    actors.stop.abort()
    expect(await asked).toBeInstanceOf(StoreUnavailable)
    await expect.poll(() => directory.waiting()).toBe(0)
    expect([appends, clock.pending()]).toEqual([1, 0])
  })
})

test('all mailboxes together hold no more than they may', async () => {
  const { store, answer } = mute(actors.log)
  const directory = actors.over(store, {}, { waitingMax: 4 })
  const queues = Array.from({ length: 3 }, () => actors.queue())
  // One of each is at work, which does not wait.
  const atWork = queues.map(queue => actors.ask(directory, queue, create))
  const waiting = [0, 0, 1, 2].map(i => actors.ask(directory, queues[i]!, () => []))
  expect(directory.waiting()).toBe(4)
  await expect(actors.ask(directory, queues[1]!, () => [])).rejects.toThrow(MailboxFull)
  answer()
  await Promise.all([...atWork, ...waiting])
  expect(directory.waiting()).toBe(0)
  await expect(actors.ask(directory, queues[1]!, rename('free'))).resolves.toMatchObject({ outcome: 'done' })
})
