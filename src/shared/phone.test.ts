import { expect, test } from 'vitest'
import { canonicalPhone, displayPhone, phoneVariants, validPhone } from './phone.ts'

test.each([
  ['551187654321', '5511987654321'],
  ['5511987654321', '5511987654321'],
  ['+55 (11) 8765-4321', '5511987654321'],
  ['551133334444', '551133334444'],
  ['4915112345678', '4915112345678'],
])('%s is kept as %s', (given, kept) => {
  expect(canonicalPhone(given)).toBe(kept)
})

test('a Brazilian mobile number is known in both spellings, others in one', () => {
  expect(phoneVariants('551187654321')).toEqual(['5511987654321', '551187654321'])
  expect(phoneVariants('5511987654321')).toEqual(['5511987654321', '551187654321'])
  expect(phoneVariants('551133334444')).toEqual(['551133334444'])
  expect(phoneVariants('4915112345678')).toEqual(['4915112345678'])
})

test('what is in no numbering plan is no number', () => {
  expect(validPhone('551187654321')).toBe('5511987654321')
  expect(validPhone('+49 1511 2345678')).toBe('4915112345678')
  expect(validPhone('123')).toBeNull()
  expect(validPhone('not a number')).toBeNull()
})

test('numbers are shown as people write them', () => {
  expect(displayPhone('551187654321')).toBe('+55 11 98765 4321')
})
