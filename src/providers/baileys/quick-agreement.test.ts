import { expect, test } from 'vitest'
import { libsignalCurve, quickAgreement, quickWay } from './quick-agreement.ts'

const curve = libsignalCurve()
const own = curve.calculateAgreement

test('both sides agree on what libsignal would have agreed on', () => {
  const agree = quickWay(() => {
    throw new Error('the slow way')
  })
  for (let i = 0; i < 50; i++) {
    const [one, other] = [curve.generateKeyPair(), curve.generateKeyPair()]
    const secret = agree(one.pubKey, other.privKey)
    expect(secret).toEqual(own(one.pubKey, other.privKey))
    expect(secret).toEqual(agree(other.pubKey, one.privKey))
  }
})

test('what is no pair of keys is refused as libsignal refuses it', () => {
  const agree = quickWay(own)
  const { pubKey, privKey } = curve.generateKeyPair()
  expect(() => agree(pubKey, privKey.subarray(1))).toThrow('Incorrect private key length: 31')
  expect(() => agree(pubKey.subarray(2), privKey)).toThrow('Invalid public key')
  expect(() => agree(Buffer.concat([Buffer.from([6]), pubKey.subarray(1)]), privKey)).toThrow(
    'Invalid public key',
  )
  // A point that makes every secret the same.
  expect(() => agree(Buffer.from([5, ...Buffer.alloc(32)]), privKey)).toThrow()
})

test('libsignal itself goes the quick way from then on', () => {
  quickAgreement()
  const now = libsignalCurve().calculateAgreement
  expect(now).not.toBe(own)
  const [one, other] = [curve.generateKeyPair(), curve.generateKeyPair()]
  expect(now(one.pubKey, other.privKey)).toEqual(own(one.pubKey, other.privKey))
})
