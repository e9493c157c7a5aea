import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { companyKind } from '../../actors/company/chart.ts'
import { aliasKind, contactKind } from '../../actors/contact/chart.ts'
import { conversationKind } from '../../actors/conversation/chart.ts'
import { createLive } from '../../actors/live.ts'
import type { Kind } from '../../actors/kind.ts'
import { sessionKind } from '../../actors/session/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import { chainHash, decode } from '../../eventstore/codec.ts'
import type { StoredEvent } from '../../eventstore/port.ts'
import { keyMapGet, keyMapKeys, type KeyMap } from '../../shared/keyset.ts'
import type { Engine } from '../../../test/support/engine.ts'
import { filesIn, GOLDEN, mayWrite, readJson, writeJson } from '../../../test/support/golden.ts'
import { liveThrough, mergeThrough, type History } from '../../../test/support/golden-histories.ts'

const kinds: readonly Kind[] = [ticketKind, conversationKind, contactKind, aliasKind, sessionKind, companyKind]
/** Releases that changed how they write add a folder of their own; the old ones stay. */
const RELEASE = 'first'
const fileOf = (kind: Kind, release = RELEASE): string => `${GOLDEN}histories/${release}-${kind.type}.json`

/** Texts that a context packs are shown as the releases that wrote these files kept them: bucket → key → value. */
const unpacked = (context: object): object =>
  Object.fromEntries(
    Object.entries(context).map(([name, value]): [string, unknown] => {
      if (name !== 'received' && name !== 'outbound') return [name, value]
      const map = value as KeyMap<unknown>
      const buckets: Record<string, Record<string, unknown>> = {}
      for (const key of keyMapKeys(map)) (buckets[key.slice(-2)] ??= {})[key] = keyMapGet(map, key)
      return [name, buckets]
    }),
  )

const replay = (kind: Kind, events: readonly StoredEvent[]): History['ends'] => {
  const live = createLive(kind, 'golden')
  for (const event of events) live.evolve(event)
  const { value, context } = live.snapshot()
  return JSON.parse(JSON.stringify({ value, context: unpacked(context as object) })) as History['ends']
}

const longest = (events: readonly StoredEvent[]): StoredEvent[] => {
  return [...grouped(events).values()].sort((a, b) => b.length - a.length)[0] ?? []
}
const grouped = (events: readonly StoredEvent[]): Map<string, StoredEvent[]> => {
  const streams = new Map<string, StoredEvent[]>()
  for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event])
  return streams
}

const record = async (
  engine: Engine,
  kind: Kind,
  events: readonly StoredEvent[],
  file: string,
): Promise<void> => {
  const keys: Record<string, string> = {}
  for (const { metadata } of events) {
    const subject = metadata['subject']
    const key = typeof subject === 'string' ? await engine.keys.get(engine.companyId, subject) : null
    if (key) keys[subject as string] = key.toString('base64')
  }
  await writeJson(file, { kind: kind.type, events, keys, ends: replay(kind, events) })
}

/** The fewest streams in which every type of fact occurs that this kind has here. */
const covering = (events: readonly StoredEvent[]): StoredEvent[][] => {
  const left = [...grouped(events).values()]
  const missing = new Set(events.map(({ type }) => type))
  const chosen: StoredEvent[][] = []
  const news = (stream: readonly StoredEvent[]): number =>
    new Set(stream.map(({ type }) => type).filter(type => missing.has(type))).size
  while (missing.size > 0) {
    const [best] = left.sort((one, other) => news(other) - news(one))
    if (!best) break
    chosen.push(best)
    for (const { type } of best) missing.delete(type)
  }
  return chosen
}

/** Of people who were merged, parted and erased. */
const MERGED = 'merged'
const mergedKinds: readonly Kind[] = [contactKind, conversationKind, aliasKind]
const recordMerged = async (): Promise<void> => {
  if (mergedKinds.some(kind => existsSync(fileOf(kind, `${MERGED}-1`)))) return
  const engine = await mergeThrough()
  for (const kind of mergedKinds)
    for (const [nth, events] of covering(await engine.events(`${kind.type}-`)).entries())
      await record(engine, kind, events, fileOf(kind, `${MERGED}-${nth + 1}`))
  await engine.close()
}

const recordMissing = async (): Promise<void> => {
  const missing = kinds.filter(kind => !existsSync(fileOf(kind)))
  if (missing.length === 0) return
  const engine = await liveThrough()
  for (const kind of missing)
    await record(engine, kind, longest(await engine.events(`${kind.type}-`)), fileOf(kind))
  await engine.close()
}

if (mayWrite) {
  await recordMissing()
  await recordMerged()
}
const histories = await filesIn('histories')

describe('golden histories', () => {
  test('there is one of every kind of actor that lives long', () => {
    expect(histories).toEqual(expect.arrayContaining(kinds.map(kind => fileOf(kind))))
  })

  describe.each(histories.map(file => ({ file, name: file.slice(GOLDEN.length) })))('$name', ({ file }) => {
    test('is replayed for ever, to the state in which it ended', async () => {
      const history = await readJson<History>(file)
      const kind = kinds.find(({ type }) => type === history.kind)!
      const { value, context } = replay(kind, history.events)
      expect(value).toEqual(history.ends.value)
      // A later release may remember more of it, never less and nothing else.
      expect(context).toMatchObject(history.ends.context as object)
    })

    test('is opened for ever', async () => {
      const { events, keys } = await readJson<History>(file)
      const get = (_: string, subject: string) =>
        Promise.resolve(keys[subject] === undefined ? null : Buffer.from(keys[subject], 'base64'))
      expect(events.length).toBeGreaterThan(0)
      for (const event of events) {
        const { data } = await decode(event, { get })
        if ('personal' in data) expect(data.personal, event.type).not.toBeNull()
      }
    })

    test('is an unbroken chain, and a changed byte breaks it', async () => {
      const { events } = await readJson<History>(file)
      const broken = (chain: readonly StoredEvent[]): number =>
        chain.findIndex(({ metadata }, i) => {
          const before = chain[i - 1]
          if (!before) return metadata['prev'] !== ''
          const { id, type, data, metadata: meta } = before
          return metadata['prev'] !== chainHash({ id, type, data, metadata: meta })
        })
      expect(broken(events)).toBe(-1)
      const [first, ...rest] = events
      if (rest.length > 0)
        expect(broken([{ ...first!, data: { ...first!.data, forged: true } }, ...rest])).toBe(1)
    })
  })

  /** Every type of fact in the histories of this kind. */
  const typesOf = async (kind: Kind): Promise<Set<string>> => {
    const all = await Promise.all(histories.map(file => readJson<History>(file)))
    const events = all.flatMap(history => (history.kind === kind.type ? history.events : []))
    return new Set(events.map(({ type }) => type))
  }

  test('contacts and their addresses went through everything that there is', async () => {
    for (const kind of [contactKind, aliasKind])
      expect(await typesOf(kind)).toEqual(new Set<string>(kind.chart.events))
  })

  test('conversations were joined, parted, and given to somebody new', async () => {
    expect([...(await typesOf(conversationKind))]).toEqual(
      expect.arrayContaining([
        'conversation.absorbed',
        'conversation.redirected',
        'conversation.restored',
        'conversation.contactReplaced',
      ]),
    )
  })

  test('the ticket among them went through everything that the first release did to one', async () => {
    const { events } = await readJson<History>(fileOf(ticketKind))
    expect([...new Set(events.map(event => event.type))].sort()).toEqual([
      'message.deferred',
      'message.delivered',
      'message.failed',
      'message.mirrored',
      'message.outcomeUnknown',
      'message.queued',
      'message.read',
      'message.received',
      'message.requeued',
      'message.sending',
      'message.sent',
      'ticket.accepted',
      'ticket.closed',
      'ticket.opened',
      'ticket.reopened',
      'ticket.returned',
      'ticket.seen',
      'ticket.takenOver',
    ])
  })
})
