import { expect, test } from 'vitest'
import { DAY_MS, freeAt, newChatLimit, pacingOf, profileOf, withChat } from './pacing.ts'
import { PACING, PROVIDERS } from './session.ts'

const NOW = Date.parse('2026-03-01T12:00:00.000Z')
const ago = (days: number): string => new Date(NOW - days * DAY_MS).toISOString()

test('linked devices are paced unless somebody says otherwise; the others are not', () => {
  expect(PROVIDERS.map(provider => [provider, pacingOf(provider, {})])).toEqual([
    ['baileys', 'normal'],
    ['cloud', 'off'],
    ['simulator', 'off'],
    ['messenger', 'off'],
    ['instagram', 'off'],
  ])
  expect(pacingOf('baileys', { pacing: 'off' })).toBe('off')
  expect(pacingOf('simulator', { pacing: 'careful' })).toBe('careful')
})

test('the budget of new chats grows with the age of the link', () => {
  const limits = (pacing: 'normal' | 'careful' | 'established') =>
    [null, ago(0), ago(2.9), ago(3), ago(7), ago(14), ago(30), ago(400)].map(linkedAt =>
      newChatLimit(profileOf(pacing)!, linkedAt, NOW),
    )
  expect(limits('normal')).toEqual([10, 10, 10, 20, 50, 100, 250, 250])
  expect(limits('careful')).toEqual([5, 5, 5, 10, 25, 50, 125, 125])
  expect(limits('established')).toEqual([250, 250, 250, 250, 250, 250, 250, 250])
})

test('of every pacing but none there are numbers that fit together', () => {
  for (const pacing of PACING) {
    const profile = profileOf(pacing)
    if (pacing === 'off') expect(profile).toBeNull()
    else {
      expect(profile!.gapMs.max).toBeGreaterThanOrEqual(profile!.gapMs.min)
      expect(profile!.newChats[0]!.fromDay).toBe(0)
      const limits = profile!.newChats.map(({ limit }) => limit)
      expect(limits).toEqual([...limits].sort((a, b) => a - b))
    }
  }
})

test('a budget is free again when its oldest falls out of the span', () => {
  expect(freeAt([], 2, 100, 1_000)).toBe(1_000)
  expect(freeAt([950], 2, 100, 1_000)).toBe(1_000)
  expect(freeAt([950, 980], 2, 100, 1_000)).toBe(1_050)
  expect(freeAt([100, 200], 2, 100, 1_000)).toBe(1_000)
  // What is promised for later counts as well.
  expect(freeAt([950, 980, 1_050, 1_080], 2, 100, 1_000)).toBe(1_150)
})

test('chats of more than a day ago are forgotten with the next', () => {
  const begun = [ago(1.5), ago(1), ago(0.5)].map((at, i) => ({ conversationId: `c${i}`, at }))
  expect(withChat(begun, { conversationId: 'new', at: ago(0) }).map(chat => chat.conversationId)).toEqual([
    'c2',
    'new',
  ])
})
