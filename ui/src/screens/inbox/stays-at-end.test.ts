import { expect, test } from 'vitest'
import { staysAtEnd } from './stays-at-end.ts'

const at = (scrollTop: number, scrollHeight: number) => ({ scrollTop, scrollHeight, clientHeight: 500 })

test('who is near the end is at it, wherever they came from', () => {
  expect(staysAtEnd(false, 0, at(500, 1000))).toBe(true)
  expect(staysAtEnd(false, 900, at(430, 1000))).toBe(true)
})

test('what grows below a reader at the end does not send them away', () => {
  expect(staysAtEnd(true, 500, at(500, 1400))).toBe(true)
  expect(staysAtEnd(true, 0, at(500, 1400))).toBe(true)
})

test('who goes up leaves the end, and comes back only by going there', () => {
  expect(staysAtEnd(true, 900, at(700, 1400))).toBe(false)
  expect(staysAtEnd(false, 100, at(300, 1400))).toBe(false)
})
