import { expect, test } from 'vitest'
import { armedBy } from './fail-point.ts'

test('a fail point is armed by its name, at its first or nth passing', () => {
  expect(armedBy({ NODE_ENV: 'test' })).toBeNull()
  expect(armedBy({ NODE_ENV: 'test', FAIL_POINT: '' })).toBeNull()
  expect(armedBy({ NODE_ENV: 'test', FAIL_POINT: 'send.after-wire' })).toEqual({
    point: 'send.after-wire',
    nth: 1,
  })
  expect(armedBy({ NODE_ENV: 'test', FAIL_POINT: 'send.after-wire:12' })).toEqual({
    point: 'send.after-wire',
    nth: 12,
  })
})

test.each([
  [{ FAIL_POINT: 'send.after-wire' }, 'only with NODE_ENV=test'],
  [{ FAIL_POINT: 'send.after-wire', NODE_ENV: 'production' }, 'only with NODE_ENV=test'],
  [{ FAIL_POINT: 'send.nowhere', NODE_ENV: 'test' }, 'is none of'],
  [{ FAIL_POINT: 'toString', NODE_ENV: 'test' }, 'is none of'],
  [{ FAIL_POINT: 'send.after-wire:0', NODE_ENV: 'test' }, 'is none of'],
])('anything else is refused: %j', (env, why) => {
  expect(armedBy(env)).toContain(why)
})
