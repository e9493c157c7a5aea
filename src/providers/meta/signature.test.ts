import { expect, test } from 'vitest'
import { answerVerification, signatureOf, verifySignature } from './signature.ts'

const BODY = Buffer.from('{"a":"ç"}')

test('the app’s signature over exactly these bytes holds, in either case of hex', () => {
  expect(verifySignature(BODY, signatureOf(BODY, 'secret'), 'secret')).toBe(true)
  expect(
    verifySignature(BODY, signatureOf(BODY, 'secret').toUpperCase().replace('SHA256', 'sha256'), 'secret'),
  ).toBe(true)
})

test('is the published HMAC-SHA256', () => {
  // RFC 4231, test case 2.
  expect(signatureOf(Buffer.from('what do ya want for nothing?'), 'Jefe')).toBe(
    'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test.each([
  ['other bytes', Buffer.from('{"a":"ç" }'), signatureOf(BODY, 'secret'), 'secret'],
  ['another secret', BODY, signatureOf(BODY, 'secrets'), 'secret'],
  ['no header', BODY, undefined, 'secret'],
  ['an empty header', BODY, '', 'secret'],
  ['another algorithm', BODY, signatureOf(BODY, 'secret').replace('sha256', 'sha1'), 'secret'],
  ['a short digest', BODY, signatureOf(BODY, 'secret').slice(0, -2), 'secret'],
  ['no secret configured', BODY, signatureOf(BODY, ''), ''],
])('%s is refused', (_name, body, header, secret) => {
  expect(verifySignature(body, header, secret)).toBe(false)
})

test('verification echoes the challenge only for the right token', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'right', 'hub.challenge': '1158201444' }
  expect(answerVerification(query, 'right')).toBe('1158201444')
  expect(answerVerification(query, 'wrong')).toBeNull()
  expect(answerVerification({ ...query, 'hub.mode': 'unsubscribe' }, 'right')).toBeNull()
  expect(answerVerification({ 'hub.mode': 'subscribe', 'hub.verify_token': '' }, '')).toBeNull()
})
