import { expect, test } from 'vitest'
import { isNestedDeeperThan } from './nesting.ts'

const deep = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`

test('levels are counted, and brackets in texts are not', () => {
  expect(isNestedDeeperThan(10, deep(10))).toBe(false)
  expect(isNestedDeeperThan(10, deep(12))).toBe(true)
  expect(isNestedDeeperThan(1, JSON.stringify(['[[[{{{', '\\"[[', '\\\\']))).toBe(false)
  expect(isNestedDeeperThan(1, '[[],[],[]]')).toBe(true)
  expect(isNestedDeeperThan(2, '[[],[],[],{},{}]')).toBe(false)
})
