import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import { until } from '../../../test/support/until.ts'
import { vaultEarlyActions } from '../../main/early-actions.ts'
import type { InboundItem } from '../../providers/provider.ts'
import { createEarlyActions } from '../../reactions/early-actions.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'

/** A customer takes back a message that came in as several of ours, one a file. */
let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
const MARIA = [phone('5511987654321')]

beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const take = (...items: InboundItem[]) => node.intake.take(engine.companyId, place.sessionId, items)
const unsent = (target: string): InboundItem => {
  const party = { addresses: MARIA }
  return {
    item: 'message',
    message: {
      type: 'revoke',
      providerMessageId: `revoke:${target}`,
      chat: { ...party, group: false },
      author: party,
      sentAt: '2026-03-02T12:00:00.000Z',
      late: false,
      fromMe: false,
      target,
    },
  }
}
const of = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)
const bodyOf = async (messageId: string) =>
  (await engine.facts()).flatMap(fact =>
    fact.type === 'message.received' && fact.data.messageId === messageId ? [fact.data.personal?.body] : [],
  )[0]
const revoked = async () => {
  const bodies: unknown[] = []
  for (const fact of await of('message.revoked'))
    if (fact.type === 'message.revoked') bodies.push(await bodyOf(fact.data.messageId))
  return bodies
}

describe('a message of several files', () => {
  test('goes as a whole, and nothing else goes with it', async () => {
    await take(text('m', MARIA), text('m#1', MARIA), text('m#2', MARIA), text('n', MARIA), text('m#4', MARIA))
    await take(unsent('m'))
    expect(await revoked()).toEqual(['text m', 'text m#1', 'text m#2'])
    expect(await of('deadLetter.recorded')).toEqual([])
  })

  test('told again, changes nothing', async () => {
    await take(text('m', MARIA), text('m#1', MARIA), unsent('m'))
    const head = await engine.store.head()
    await take(unsent('m'))
    expect(await engine.store.head()).toBe(head)
  })

  test('goes from each ticket where its parts lie', async () => {
    await node.done(place.admin, 'session.change', { id: place.sessionId, settings: { reopenMinutes: 0 } })
    await take(text('m', MARIA))
    const [opened] = await of('ticket.opened')
    await node.done(place.supervisor, 'ticket.close', { id: opened!.stream.split('.')[1]! })
    await take(text('m#1', MARIA))
    expect(await of('ticket.opened')).toHaveLength(2)
    await take(unsent('m'))
    expect(await revoked()).toEqual(['text m', 'text m#1'])
    const streams = (await of('message.revoked')).map(({ stream }) => stream)
    expect(new Set(streams).size).toBe(2)
    const head = await engine.store.head()
    await take(unsent('m'))
    expect(await engine.store.head()).toBe(head)
  })
})

describe('where the channel keeps a file', () => {
  const URL = 'https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=secret'
  const picture = text('m', MARIA, { kind: 'image', media: { mime: 'image/png', providerMediaId: URL } })

  test('is sealed with the person’s key', async () => {
    await take(picture)
    const [received] = await of('message.received')
    if (received?.type !== 'message.received') throw new Error('no message')
    expect(received.data.media).toEqual({ mime: 'image/png', atChannel: true })
    expect(received.data.personal?.mediaAddress).toBe(URL)
    for await (const event of engine.store.readAll({}))
      expect(Buffer.from(JSON.stringify(event)).includes('asset_id')).toBe(false)
  })
})

/** What a node keeps of what came before its message, over the engine's own vault; the end of it is the node's death. */
const keeping = (name: string) => {
  const stop = new AbortController()
  const early = createEarlyActions({
    drawer: vaultEarlyActions(engine.vault),
    settle: (...early) => at.intake.settle(...early),
    loadEveryMs: 50,
    clock: systemClock,
    log: silentLog,
  })
  const at: Node = engine.node(name, engine.store, {}, early)
  const running = early.run(stop.signal)
  const end = async (): Promise<void> => {
    stop.abort()
    await running
  }
  return {
    at,
    early,
    end,
    take: (item: InboundItem) => at.intake.take(engine.companyId, place.sessionId, [item]),
  }
}
const kept = () => engine.vault.keys('early-actions', '')

describe('what is taken back before it came', () => {
  test('is gone as soon as it comes, whoever lived meanwhile', async () => {
    const one = keeping('one')
    await one.take(unsent('m'))
    expect(one.at.counted).toEqual(['revoke early'])
    await one.end()
    const two = keeping('two')
    await two.take(text('m', MARIA))
    await until('it to be taken back', async () => (await revoked()).length > 0)
    await until('nothing to be kept', async () => (await kept()).length === 0)
    await two.end()
    expect(await revoked()).toEqual(['text m'])
  })

  test('told again it is kept once', async () => {
    const one = keeping('one')
    await one.take(unsent('m'))
    await one.take(unsent('m'))
    expect(await kept()).toHaveLength(1)
    await one.take(text('m', MARIA))
    await until('it to be taken back', async () => (await revoked()).length > 0)
    await one.end()
    expect(await revoked()).toEqual(['text m'])
  })

  test('is looked after by whoever lives, also if it came in by another since their start', async () => {
    const [one, two] = [keeping('one'), keeping('two')]
    await two.take(text('before', MARIA))
    await one.take(unsent('m'))
    await one.end()
    await two.take(text('m', MARIA))
    await until('it to be taken back', async () => (await revoked()).length > 0)
    await two.end()
    expect(await revoked()).toEqual(['text m'])
  })

  test('is forgotten on every node with its person', async () => {
    const [one, two] = [keeping('one'), keeping('two')]
    await one.take(unsent('m'))
    await one.take(unsent('n'))
    const about = (target: string) => (item: InboundItem) =>
      item.item === 'message' && item.message.type === 'revoke' && item.message.target === target
    await two.early.forget('another company', about('m'))
    expect(await kept()).toHaveLength(2)
    await two.early.forget(engine.companyId, about('m'))
    expect(await kept()).toHaveLength(1)
    await one.take(text('m', MARIA))
    await one.take(text('n', MARIA))
    await until('the other to be taken back', async () => (await revoked()).length > 0)
    await until('nothing to be kept', async () => (await kept()).length === 0)
    expect(await revoked()).toEqual(['text n'])
    await Promise.all([one.end(), two.end()])
  })

  test('is forgotten after a day in which it did not come', async () => {
    const one = keeping('one')
    await one.take(unsent('m'))
    await one.end()
    const [key] = await kept()
    const old = JSON.parse((await engine.vault.get('early-actions', key!))!) as object
    await engine.vault.write([{ put: ['early-actions', key!, JSON.stringify({ ...old, until: 0 })] }])
    const two = keeping('two')
    await until('nothing to be kept', async () => (await kept()).length === 0)
    await two.end()
    expect(await of('deadLetter.recorded')).toEqual([])
  })
})
