import { describe, expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS, profileOf, type ChatBegun } from '../events/pacing.ts'
import { must } from '../shared/must.ts'
import { createPacer, type Pacer, type PaceWish } from './pacer.ts'

const START = Date.parse('2026-03-01T12:00:00.000Z')
const normal = must(profileOf('normal'), 'the profile')
const wish = (now: number, change: Partial<PaceWish> = {}): PaceWish => ({
  messageId: 'm',
  profile: normal,
  stranger: null,
  linkedAt: new Date(START).toISOString(),
  begun: [],
  now,
  random: 0,
  ...change,
})

/** Lets the messages wait as they are told, and answers when each went. */
const run = (pacer: Pacer, ids: readonly string[], random: () => number, from = START): number[] => {
  const due = ids.map(messageId => ({ messageId, at: from }))
  const gone: number[] = []
  while (due.length > 0) {
    due.sort((a, b) => a.at - b.at)
    const { messageId, at } = due.shift()!
    const turn = pacer.ask(wish(at, { messageId, random: random() }))
    if (turn.go) gone.push(at)
    else due.push({ messageId, at: turn.at })
  }
  return gone
}
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`)

describe('the pace of a session', () => {
  test('the first goes at once, the next after a gap that is drawn, in the order of asking', () => {
    const pacer = createPacer(null)
    expect(pacer.ask(wish(START, { messageId: 'a' }))).toEqual({ go: true })
    expect(pacer.ask(wish(START, { messageId: 'b', random: 0.5 }))).toEqual({
      go: false,
      at: START + 1_400,
      by: 'pace',
    })
    expect(pacer.ask(wish(START, { messageId: 'c', random: 0 }))).toMatchObject({ at: START + 2_100 })
    // Who asks again is told the same, and is not overtaken.
    expect(pacer.ask(wish(START + 1_000, { messageId: 'b' }))).toMatchObject({ at: START + 1_400 })
    expect(pacer.ask(wish(START + 1_400, { messageId: 'b' }))).toEqual({ go: true })
  })

  test.each([0, 0.3, 0.999])(
    'no minute sees more than its budget, no two come close together (%s)',
    random => {
      const gone = run(createPacer(null), names(100), () => random)
      expect(gone).toHaveLength(100)
      for (const [i, at] of gone.entries()) {
        if (i > 0) expect(at - gone[i - 1]!).toBeGreaterThanOrEqual(normal.gapMs.min)
        if (i >= normal.perMinute) expect(at - gone[i - normal.perMinute]!).toBeGreaterThanOrEqual(MINUTE_MS)
      }
    },
  )

  test('a new owner begins at the pace that holds for good', () => {
    const gone = run(createPacer(START), names(10), () => 0)
    expect(gone.map(at => at - START)).toEqual(names(10).map((_, i) => 2_000 * (i + 1)))
  })

  test('a new owner keeps the budget of the minute that began under the one before', () => {
    // It sent as quickly as it may, said so, and died before it could say more.
    const { min } = normal.gapMs
    const said = Array.from({ length: 16 }, (_, i) => START - 22_000 + i * min)
    const unsaid = Array.from({ length: 14 }, (_, i) => must(said.at(-1), 'the last') + (i + 1) * min)
    const pacer = createPacer(START, { sent: said, at: must(said.at(-1), 'the last') })
    const all = [...said, ...unsaid, ...run(pacer, names(40), () => 0)]
    for (const [i, at] of all.entries())
      if (i >= normal.perMinute) expect(at - all[i - normal.perMinute]!).toBeGreaterThanOrEqual(MINUTE_MS)
  })

  test('a new owner of one that sent little sends at once', () => {
    const pacer = createPacer(START, { sent: [START - 30_000], at: START - 5_000 })
    expect(pacer.ask(wish(START + 700))).toEqual({ go: true })
  })

  test('who does not come loses its place: after an hour without a line nobody goes in a bunch', () => {
    const pacer = createPacer(null)
    for (const messageId of names(20)) pacer.ask(wish(START, { messageId }))
    const back = START + 60 * MINUTE_MS
    const gone = run(pacer, names(20).slice(1), () => 0, back)
    for (const [i, at] of gone.entries()) if (i > 0) expect(at - gone[i - 1]!).toBeGreaterThanOrEqual(700)
  })

  test('one that comes late to its place keeps the others at their distance', () => {
    const pacer = createPacer(null)
    for (const messageId of ['a', 'b', 'c']) pacer.ask(wish(START, { messageId }))
    expect(pacer.ask(wish(START + 1_300, { messageId: 'b' }))).toEqual({ go: true })
    expect(pacer.ask(wish(START + 1_400, { messageId: 'c' }))).toEqual({
      go: false,
      at: START + 2_000,
      by: 'pace',
    })
  })
})

describe('chats with strangers', () => {
  const begun = (...at: number[]): ChatBegun[] =>
    at.map((moment, i) => ({ conversationId: `known ${i}`, at: new Date(moment).toISOString() }))
  const full = begun(...Array.from({ length: 10 }, (_, i) => START - 60_000 * (10 - i)))
  const first = Date.parse(full[0]!.at) + DAY_MS

  test('over the budget of the day they wait until the oldest no longer counts, one after the other', () => {
    const pacer = createPacer(null)
    const ask = (chat: string, now = START) =>
      pacer.ask(wish(now, { messageId: chat, stranger: chat, begun: full }))
    expect(ask('a')).toEqual({ go: false, at: first, by: 'new-chats' })
    expect(ask('b')).toEqual({ go: false, at: first + 60_000, by: 'new-chats' })
    expect(ask('a', START + 30_000)).toMatchObject({ at: first })
    expect(ask('b', START + 30_000)).toMatchObject({ at: first + 60_000 })
    expect(ask('a', first)).toEqual({ go: true })
    expect(ask('b', first)).toMatchObject({ go: false, by: 'new-chats' })
  })

  test('they hold up nobody who wrote before', () => {
    const pacer = createPacer(null)
    pacer.ask(wish(START, { messageId: 'a', stranger: 'a', begun: full }))
    expect(pacer.ask(wish(START, { messageId: 'reply' }))).toEqual({ go: true })
  })

  test('a chat that was begun today has its place', () => {
    const turn = createPacer(null).ask(wish(START, { stranger: 'known 3', begun: full }))
    expect(turn).toEqual({ go: true })
  })

  test('those who were let go a moment ago count before their fact is known', () => {
    const pacer = createPacer(null)
    let now = START
    for (let i = 0; i < 10; i++, now += 1_000)
      expect(pacer.ask(wish(now, { messageId: `m${i}`, stranger: `c${i}` }))).toEqual({ go: true })
    expect(pacer.ask(wish(now, { messageId: 'm', stranger: 'c' }))).toMatchObject({
      go: false,
      by: 'new-chats',
    })
  })

  test('a larger budget is used at once', () => {
    const pacer = createPacer(null)
    const ask = (profile: PaceWish['profile']) =>
      pacer.ask(wish(START, { messageId: 'a', stranger: 'a', begun: full, profile }))
    expect(ask(normal)).toMatchObject({ go: false })
    expect(ask(must(profileOf('established'), 'the profile'))).toEqual({ go: true })
  })
})
