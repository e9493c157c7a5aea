import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import type { Door } from '../commands/define.ts'
import type { LinkState } from '../actors/session/link.ts'
import type { MediaInfo } from '../media/port.ts'
import type { OutboundMessage, SendResult } from '../providers/provider.ts'
import { textOf } from '../providers/text-of.ts'
import type { Clock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { channelReads } from './channel-reads.ts'
import { expireUnsent } from './expire-unsent.ts'
import { createSender } from './send.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
let ticketId: string
let conversationId: string

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
  await node.intake.take(engine.companyId, place.sessionId, [text('m1', [phone('5511987654321')])])
  const [opened] = (await engine.facts('ticket-')).filter(fact => fact.type === 'ticket.opened')
  ticketId = opened!.stream.split('.')[1]!
  conversationId = opened!.type === 'ticket.opened' ? opened!.data.conversationId : ''
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
})
afterEach(() => engine.close())

const write = (body: string) => node.done(place.ana, 'message.send', { ticketId, body })
const told = async () =>
  (await engine.facts('ticket-'))
    .filter(({ type }) => /^message\.(s|d|f|o)/.test(type))
    .map(({ type }) => type)

/** Files in the media store, by key. */
const files = new Map<string, { info: MediaInfo; bytes: AsyncIterable<Uint8Array> }>()

/** A sender over a line that answers as the test says. */
const senderOver = (
  answer: (message: OutboundMessage) => Promise<SendResult>,
  state: () => LinkState = () => 'connected',
  stop: AbortSignal = new AbortController().signal,
  door: Door = node.door,
  clock: Clock = engine.clock,
) => {
  const onTheWire: string[] = []
  const send = createSender(
    {
      companyId: engine.companyId,
      sessionId: place.sessionId,
      fence: '3',
      stop,
      link: {
        state,
        send: message => {
          onTheWire.push(textOf(message))
          return answer(message)
        },
      },
    },
    {
      door,
      directory: node.directory,
      reads: channelReads({ store: engine.store, keys: engine.keys, directory: node.directory }),
      media: { get: key => Promise.resolve(files.get(key) ?? null) },
      clock,
      random: () => 0,
      log: silentLog,
    },
  )
  return { onTheWire, ring: () => send({ ticketId, conversationId }) }
}
let count = 0
const taken = (): Promise<SendResult> =>
  Promise.resolve({ outcome: 'sent', providerMessageId: `wire-${++count}` })

describe('what agents wrote goes to the channel', () => {
  test('in order, each once, however often the bell is rung', async () => {
    for (const body of ['one', 'two', 'three']) await write(body)
    const line = senderOver(taken)
    await Promise.all([line.ring(), line.ring(), line.ring()])
    await line.ring()
    expect(line.onTheWire).toEqual(['one', 'two', 'three'])
    expect(await told()).toEqual([
      'message.sending',
      'message.sent',
      'message.sending',
      'message.sent',
      'message.sending',
      'message.sent',
    ])
  })

  test('to the address that the channel gave, with a reference that comes back', async () => {
    const { id } = await write('hello')
    const seen: OutboundMessage[] = []
    await senderOver(message => (seen.push(message), taken())).ring()
    expect(seen[0]).toMatchObject({ to: [phone('5511987654321')], ref: `ticket.${ticketId}.${id}.1` })
  })

  test('a quote reaches the customer as a quote', async () => {
    const quotedId = (await engine.facts('ticket-')).flatMap(fact =>
      fact.type === 'message.received' ? [fact.data.messageId] : [],
    )[0]
    await node.done(place.ana, 'message.send', { ticketId, body: 'this one', quotedId })
    const seen: OutboundMessage[] = []
    await senderOver(message => (seen.push(message), taken())).ring()
    expect(seen[0]).toMatchObject({ body: 'this one', quoted: { providerMessageId: 'm1' } })
  })

  test('nothing further is started once the session is given up', async () => {
    await write('one')
    await write('two')
    const stopper = new AbortController()
    const line = senderOver(
      message => {
        stopper.abort()
        return taken().finally(() => message)
      },
      () => 'connected',
      stopper.signal,
    )
    await line.ring()
    expect(line.onTheWire).toEqual(['one'])
    expect(await told()).toEqual(['message.sending', 'message.sent'])
  })

  test('an answer that never came is unknown, and the next message goes out', async () => {
    await write('one')
    await write('two')
    const line = senderOver(message =>
      textOf(message) === 'one' ? Promise.resolve({ outcome: 'unknown', reason: 'timeout' }) : taken(),
    )
    await line.ring()
    await line.ring()
    expect(line.onTheWire).toEqual(['one', 'two'])
    expect(await told()).toEqual([
      'message.sending',
      'message.outcomeUnknown',
      'message.sending',
      'message.sent',
    ])
  })

  test('what a crash left between "sending" and its outcome is unknown and never sent again', async () => {
    const { id } = await write('one')
    const system = {
      kind: 'system',
      companyId: engine.companyId,
      actor: { kind: 'channel', id: place.sessionId },
    } as const
    await node.done(system, 'message.startSending', { ticketId, messageId: id, fence: '2' })
    const line = senderOver(taken)
    await line.ring()
    expect(line.onTheWire).toEqual([])
    expect(await told()).toEqual(['message.sending', 'message.outcomeUnknown'])
  })

  test('what a later owner of the session is sending is left to that one', async () => {
    const { id } = await write('one')
    const system = {
      kind: 'system',
      companyId: engine.companyId,
      actor: { kind: 'system', id: 's' },
    } as const
    await node.done(system, 'message.startSending', { ticketId, messageId: id, fence: '10' })
    const paused = senderOver(taken)
    await paused.ring()
    expect(paused.onTheWire).toEqual([])
    expect(await told()).toEqual(['message.sending'])
  })

  test('a refusal is tried three times more, waiting longer each time, then it failed', async () => {
    await write('one')
    const line = senderOver(() =>
      Promise.resolve({ outcome: 'refused', reason: 'rate limit', retryable: true }),
    )
    const waits: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      const outcome = await line.ring()
      if (!outcome) break
      waits.push(Math.round(outcome.againInMs / 1000))
      engine.clock.move(1)
    }
    expect(waits).toEqual([2, 4, 8])
    expect(line.onTheWire).toHaveLength(4)
    expect((await told()).at(-1)).toBe('message.failed')
  })

  test('a message that waits holds up those behind it', async () => {
    await write('one')
    await write('two')
    const line = senderOver(() => Promise.resolve({ outcome: 'refused', reason: 'busy', retryable: true }))
    await line.ring()
    expect(line.onTheWire).toEqual(['one'])
  })

  test('nothing is written down while the session is away; past its deadline a message failed', async () => {
    await write('one')
    const line = senderOver(taken, () => 'waiting')
    expect(await line.ring()).toBeUndefined()
    expect(await told()).toEqual([])
    engine.clock.move(61)
    await line.ring()
    expect(line.onTheWire).toEqual([])
    const failed = (await engine.facts('ticket-')).at(-1)
    expect(failed).toMatchObject({
      type: 'message.failed',
      data: { code: 'session-offline', retryable: true },
    })
  })
})

describe('what the channel said while the store is away', () => {
  /** Refuses to record an outcome that many times, as a store that does not answer makes the door do. */
  const awayFor = (times: number): Door => {
    let left = times
    return {
      ask: async (who, command, input, options) =>
        command === 'message.recordOutcome' && left-- > 0
          ? { refused: 'store-unavailable', detail: 'The event store does not answer.' }
          : node.door.ask(who, command, input, options),
    }
  }
  const hastily = (): Clock => ({ ...engine.clock, after: (_, task) => engine.clock.after(0, task) })

  test('is waited with until it is durable: sent once, and known to be sent', async () => {
    await write('one')
    await write('two')
    const line = senderOver(taken, () => 'connected', undefined, awayFor(5), hastily())
    await line.ring()
    expect(line.onTheWire).toEqual(['one', 'two'])
    expect(await told()).toEqual(['message.sending', 'message.sent', 'message.sending', 'message.sent'])
  })

  test('is lost with a process that has to stop first: the next owner says unknown and sends nothing', async () => {
    await write('one')
    const stopper = new AbortController()
    const line = senderOver(
      message => {
        stopper.abort()
        return taken().finally(() => message)
      },
      () => 'connected',
      stopper.signal,
      awayFor(Number.POSITIVE_INFINITY),
      hastily(),
    )
    await expect(line.ring()).rejects.toThrow('was not recorded')
    const next = senderOver(taken)
    await next.ring()
    expect(next.onTheWire).toEqual([])
    expect(await told()).toEqual(['message.sending', 'message.outcomeUnknown'])
  })
})

describe('when nobody runs the session', () => {
  const expire = async (on = node) => {
    const unsent = (await engine.facts('ticket-')).flatMap(fact =>
      fact.type === 'message.queued' ? [{ stream: fact.stream, messageId: fact.data.messageId }] : [],
    )
    return expireUnsent({
      directory: on.directory,
      door: on.door,
      clock: engine.clock,
      log: silentLog,
      unsentMessages: () => Promise.resolve(unsent),
    })
  }

  test('messages fail after their deadline, once, and not before', async () => {
    await write('one')
    expect(await expire()).toBe(0)
    engine.clock.move(61)
    expect(await expire()).toBe(1)
    expect(await expire()).toBe(0)
    expect(await told()).toEqual(['message.failed'])
  })

  test('one whose ticket cannot be read keeps no other from it', async () => {
    await write('one')
    await node.intake.take(engine.companyId, place.sessionId, [text('m2', [phone('5511987650000')])])
    const opened = (await engine.facts('ticket-')).filter(({ type }) => type === 'ticket.opened')
    const other = opened.at(-1)!.stream.split('.')[1]!
    await node.done(place.ana, 'ticket.accept', { id: other })
    await node.done(place.ana, 'message.send', { ticketId: other, body: 'two' })
    engine.clock.move(61)
    const store: typeof engine.store = {
      ...engine.store,
      readStream: async function* (...asked: Parameters<typeof engine.store.readStream>) {
        for await (const event of engine.store.readStream(...asked))
          yield asked[0].endsWith(ticketId) ? { ...event, data: {} } : event
      },
    }
    expect(await expire(engine.node('misreading', store))).toBe(1)
    expect(await told()).toEqual(['message.failed'])
  })

  test('one that was being sent becomes unknown', async () => {
    const { id } = await write('one')
    const system = {
      kind: 'system',
      companyId: engine.companyId,
      actor: { kind: 'channel', id: place.sessionId },
    } as const
    await node.done(system, 'message.startSending', { ticketId, messageId: id, fence: '2' })
    engine.clock.move(61)
    expect(await expire()).toBe(1)
    expect(await told()).toEqual(['message.sending', 'message.outcomeUnknown'])
  })
})
