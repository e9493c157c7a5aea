import { expect, test } from 'vitest'
import { windowHoursOf } from './writing-window.ts'

const PAGE = { windowHours: 24, humanAgentHours: 168 }
const tagged = { humanAgentTag: true, byPerson: true }

test.each([
  ['a person, where people answer', PAGE, tagged, 168],
  ['a person, where the session does not say so', PAGE, { ...tagged, humanAgentTag: false }, 24],
  ['a rule of the company', PAGE, { ...tagged, byPerson: false }, 24],
  ['a channel without that', { windowHours: 24 }, tagged, 24],
  ['a channel without a window', { windowHours: null, humanAgentHours: 168 }, tagged, null],
])('%s', (_, channel, message, hours) => {
  expect(windowHoursOf(channel, message)).toBe(hours)
})
