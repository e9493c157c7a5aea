import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chainHash } from '../eventstore/codec.ts'
import { openEmbeddedStore, type EmbeddedStore } from '../eventstore/embedded.ts'
import { StoreUnavailable, type EventStore } from '../eventstore/port.ts'
import { systemClock } from '../shared/clock.ts'
import { newId, type CompanyId } from '../shared/ids.ts'
import { silentLog } from '../shared/log.ts'
import { testKeys } from '../../test/support/fact-log.ts'
import { faultyStore, type Fault } from '../../test/support/faulty-store.ts'
import type { DecidedFact, Outcome } from './aggregate.ts'
import { queueKind } from './company/chart.ts'
import { createDirectory, type Directory, type DirectoryLimits, type DirectoryTools } from './directory.ts'
import type { StateOf } from './kind.ts'
import { COMMAND_SECONDS_MAX, MAILBOX_COMMANDS_MAX, MailboxFull } from './mailbox.ts'

type QueueState = StateOf<typeof queueKind>
type Refused = { readonly no: string }
type Decide = (queue: QueueState, at: string) => readonly DecidedFact[] | Refused

let folder = ''
let log: EmbeddedStore
let stop: AbortController
const company = newId<CompanyId>()
const id = newId<string>()
const stream = `queue-${company}.${id}`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-aggregate-'))
  log = await openEmbeddedStore({ folder })
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await log.close()
  await rm(folder, { recursive: true, force: true })
})

const keys = testKeys()
const over = (
  store: EventStore,
  more: Partial<DirectoryTools> = {},
  limits?: Partial<DirectoryLimits>,
): Directory =>
  createDirectory({ store, keys, clock: systemClock, log: silentLog, stop: stop.signal, ...more }, limits)
const ask = (
  directory: Directory,
  decide: Decide,
  commandId: string = newId(),
  which = id,
): Promise<Outcome<typeof queueKind, Refused>> =>
  directory.transact(
    queueKind,
    { company, id: which },
    { cause: { actor: { kind: 'system', id: 'test' }, commandId, correlationId: 'test' }, step: 0, decide },
  )
const create: Decide = queue =>
  queue.matches('absent') ? [{ type: 'queue.created', data: { name: 'Sales', color: '#00aa55' } }] : []
const change =
  (name: string): Decide =>
  queue =>
    queue.matches('existing') ? [{ type: 'queue.changed', data: { name } }] : { no: 'there is no queue' }
const events = async (of = stream) => {
  const found = []
  for await (const event of log.readStream(of)) found.push(event)
  return found
}
const names = async () => (await events()).map(event => event.data['name'])

describe('an append whose answer does not come', () => {
  const faults: [string, Fault[]][] = [
    ['was taken, and its answer lost', ['lost']],
    ['never arrived', ['cut']],
    ['never arrived, then its answer was lost', ['cut', 'lost']],
    ['was lost again and again', ['lost', 'lost', 'cut']],
  ]
  test.each(faults)('that %s is repeated identically and counts once', async (_, told) => {
    const store = faultyStore(log, n => told[n - 1])
    const directory = over(store)
    await expect(ask(directory, create)).resolves.toMatchObject({ outcome: 'done', revision: 0 })
    expect(store.tries).toHaveLength(told.length + 1)
    for (const again of store.tries) expect(again).toEqual(store.tries[0])
    await ask(directory, change('Support'))
    expect(await names()).toEqual(['Sales', 'Support'])
  })

  test('decides nothing else meanwhile', async () => {
    const store = faultyStore(log, n => (n === 1 ? 'lost' : undefined))
    const directory = over(store)
    const seen: boolean[] = []
    const first = ask(directory, create)
    const second = ask(directory, queue => {
      seen.push(queue.matches('existing'))
      return []
    })
    await Promise.all([first, second])
    expect(seen).toEqual([true])
  })

  test('may have been followed by somebody else: it is found where it stands, and the rest taken in', async () => {
    const other = over(log, { writer: 'other' })
    const store = faultyStore(log, n => (n === 1 ? 'lost' : undefined), true)
    const meddled: EventStore = {
      ...store,
      append: async (...append) => {
        try {
          return await store.append(...append)
        } catch (error) {
          if (error instanceof StoreUnavailable) await ask(other, change('Support'))
          throw error
        }
      },
    }
    const directory = over(meddled, { writer: 'one' })
    await expect(ask(directory, create)).resolves.toMatchObject({ outcome: 'done' })
    await ask(directory, change('Third'))
    expect(await names()).toEqual(['Sales', 'Support', 'Third'])
  })

  test('is told to its caller after a while; the actor goes on until it knows', async () => {
    let broken = true
    const store = faultyStore(log, () => (broken ? 'cut' : undefined))
    const late: (() => void)[] = []
    const clock = {
      ...systemClock,
      after: (ms: number, task: () => void) => {
        if (ms !== COMMAND_SECONDS_MAX * 1000) return systemClock.after(1, task)
        late.push(task)
        return () => undefined
      },
    }
    const directory = over(store, { clock })
    const asked = ask(directory, create)
    await expect.poll(() => store.appends()).toBeGreaterThan(1)
    for (const task of late) task()
    await expect(asked).rejects.toThrow(StoreUnavailable)
    broken = false
    await ask(directory, change('Support'))
    expect(await names()).toEqual(['Sales', 'Support'])
  })
})

describe('two writers of one stream', () => {
  test('the slower decides again on what the faster wrote', async () => {
    const store = faultyStore(log, () => undefined, true)
    const [a, b] = [over(store, { writer: 'a' }), over(store, { writer: 'b' })]
    await ask(a, create)
    await ask(b, change('B'))
    await expect(ask(a, change('A'))).resolves.toMatchObject({ outcome: 'done', revision: 2 })
    await Promise.all([a, b, a, b, a].map((node, i) => ask(node, change(`n${i}`))))
    expect(await names()).toHaveLength(8)
  })

  test('the same command at once on both counts once, and both go on with the chain of the log', async () => {
    const store = faultyStore(log, () => undefined, true)
    const nodes = [over(store, { writer: 'a' }), over(store, { writer: 'b' })]
    const commandId = newId<string>()
    await Promise.all(nodes.map(node => ask(node, create, commandId)))
    for (const node of [...nodes, ...nodes]) await ask(node, change('x'))
    let prev = ''
    for (const { id, type, data, metadata } of await events()) {
      expect(metadata['prev']).toBe(prev)
      prev = chainHash({ id, type, data, metadata })
    }
    expect(await events()).toHaveLength(5)
  })

  test('a refusal, or having nothing to do, is only said after a fresh look', async () => {
    const store = faultyStore(log, () => undefined, true)
    const [a, b] = [over(store, { writer: 'a' }), over(store, { writer: 'b' })]
    await expect(ask(a, change('too early'))).resolves.toMatchObject({ outcome: 'refused' })
    await ask(b, create)
    await expect(ask(a, change('A'))).resolves.toMatchObject({ outcome: 'done', duplicate: false })
    await ask(b, change('B'))
    const asked: unknown[] = []
    await ask(a, queue => {
      asked.push(queue.context)
      return []
    })
    expect(asked).toHaveLength(2)
  })

  test('a state is read again where others write, unless it is fresh enough', async () => {
    const store = faultyStore(log, () => undefined, true)
    const [a, b] = [over(store, { writer: 'a' }), over(store, { writer: 'b' })]
    expect((await a.state(queueKind, { company, id })).revision).toBe(-1)
    await ask(b, create)
    const stale = await a.state(queueKind, { company, id }, Number.POSITIVE_INFINITY)
    expect(stale.state.matches('absent')).toBe(true)
    expect((await a.state(queueKind, { company, id })).revision).toBe(0)
  })
})

describe('the mailbox', () => {
  test('keeps the order in which it was asked', async () => {
    const directory = over(log)
    await ask(directory, create)
    const order = Array.from({ length: 50 }, (_, i) => `n${i}`)
    await Promise.all(order.map(name => ask(directory, change(name))))
    expect((await names()).slice(1)).toEqual(order)
  })

  test('takes no more than it can hold, and says so', async () => {
    let open = (): void => undefined
    const gate = new Promise<void>(resolve => (open = resolve))
    const slow: EventStore = { ...log, append: (...append) => gate.then(() => log.append(...append)) }
    const directory = over(slow)
    const first = ask(directory, create)
    const waiting = Array.from({ length: MAILBOX_COMMANDS_MAX }, () => ask(directory, () => []))
    await expect(ask(directory, () => [])).rejects.toThrow(MailboxFull)
    open()
    await first
    expect(await Promise.all(waiting)).toHaveLength(MAILBOX_COMMANDS_MAX)
    await expect(ask(directory, change('free again'))).resolves.toMatchObject({ outcome: 'done' })
  })

  test('a command that throws hurts neither those behind it nor another actor', async () => {
    const directory = over(log)
    const other = newId<string>()
    const broken = ask(directory, () => {
      throw new Error('a bug in a decision')
    })
    const behind = ask(directory, create)
    const elsewhere = ask(directory, create, newId(), other)
    await expect(broken).rejects.toThrow('a bug in a decision')
    await expect(behind).resolves.toMatchObject({ outcome: 'done', revision: 0 })
    await expect(elsewhere).resolves.toMatchObject({ outcome: 'done', revision: 0 })
  })

  test('a decision that the chart does not allow is never written, whole or in part', async () => {
    const directory = over(log)
    await ask(directory, create)
    const illegal: Decide = () => [
      { type: 'queue.removed', data: {} },
      { type: 'queue.changed', data: { name: 'after the end' } },
    ]
    await expect(ask(directory, illegal)).rejects.toThrow('queue.changed cannot follow')
    expect(await names()).toEqual(['Sales'])
    await expect(ask(directory, change('still alive'))).resolves.toMatchObject({ outcome: 'done' })
  })

  test('a fact that breaks its own schema is never written', async () => {
    const directory = over(log)
    await expect(
      ask(directory, () => [{ type: 'queue.created', data: { name: 7 } } as unknown as DecidedFact]),
    ).rejects.toThrow()
    expect(await names()).toEqual([])
  })
})

describe('sleep', () => {
  test('changes nothing: who is revived from the log is who fell asleep', async () => {
    const directory = over(log, {}, { bytesMax: 1 })
    await ask(directory, create)
    for (const name of ['a', 'b', 'c']) await ask(directory, change(name), newId())
    const awake = await directory.state(queueKind, { company, id })
    for (let i = 0; i < 5; i++) await ask(directory, create, newId(), newId())
    expect(directory.size()).toBe(1)
    const revived = await directory.state(queueKind, { company, id })
    expect(revived.revision).toBe(awake.revision)
    expect(revived.state.toJSON()).toEqual(awake.state.toJSON())
  })

  test('never takes an actor that is at work, nor the one that was just asked', async () => {
    let open = (): void => undefined
    const gate = new Promise<void>(resolve => (open = resolve))
    const slow: EventStore = { ...log, append: (...append) => gate.then(() => log.append(...append)) }
    const directory = over(slow, {}, { bytesMax: 1 })
    const busy = ask(directory, create)
    const other = newId<string>()
    const asked = ask(directory, create, newId(), other)
    const again = ask(
      directory,
      queue => (queue.matches('existing') ? [] : { no: 'revived twice' }),
      newId(),
      other,
    )
    open()
    await expect(Promise.all([busy, asked, again])).resolves.toMatchObject([
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'done' },
    ])
  })
})

test('a damaged memory is not trusted: after any failure the actor comes back from the log', async () => {
  let broken = false
  const store: EventStore = {
    ...log,
    append: (...append) => (broken ? Promise.reject(new Error('disk full')) : log.append(...append)),
  }
  const directory = over(store)
  await ask(directory, create)
  broken = true
  await expect(ask(directory, change('x'))).rejects.toThrow('disk full')
  broken = false
  await log.append(stream, 0, await foreignChange())
  await expect(ask(directory, change('y'))).resolves.toMatchObject({ revision: 2 })
})

/** What another process would have written in between. */
const foreignChange = async () => {
  const [first] = await events()
  const { id: _, ...rest } = first!
  return [
    {
      id: newId<string>(),
      type: 'queue.changed',
      data: { name: 'foreign' },
      metadata: { ...rest.metadata, prev: chainHash(first!) },
    },
  ]
}
