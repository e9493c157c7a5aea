import { expect, test } from 'vitest'
import { networkOf } from './client.ts'

test('guesses are counted against an IPv4 address, and against a whole IPv6 line', () => {
  expect(networkOf('203.0.113.7')).toBe('203.0.113.7')
  expect(networkOf('::ffff:203.0.113.7')).toBe('::ffff:203.0.113.7')
  const line = networkOf('2001:db8:1:2:3:4:5:6')
  expect(networkOf('2001:db8:1:2:ffff::1')).toBe(line)
  expect(networkOf('2001:db8:1:2::')).toBe(line)
  expect(networkOf('2001:db8:1:3::1')).not.toBe(line)
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:9:9:9:9'))
  expect(networkOf('fe80::1%eth0')).toBe(networkOf('fe80::2'))
  expect(networkOf('unknown')).toBe('unknown')
})
