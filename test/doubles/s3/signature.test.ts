import { expect, test } from 'vitest'
import { refusedSignature, signatureOf, type Signed } from './signature.ts'

const account = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const SCOPE = '20130524/us-east-1/s3/aws4_request'
const SIGNED = 'host;range;x-amz-content-sha256;x-amz-date'
const SIGNATURE = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'
const at = Date.parse('2013-05-24T00:00:10Z')
/** The example of Amazon's own reference, with its published signature. */
const request: Signed = {
  method: 'GET',
  target: '/test.txt',
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=${account.accessKeyId}/${SCOPE}, SignedHeaders=${SIGNED}, Signature=${SIGNATURE}`,
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date': '20130524T000000Z',
  },
  body: Buffer.alloc(0),
}

test('the example of the reference has the signature that the reference gives', () => {
  expect(signatureOf(request, SIGNED, SCOPE, account.secretAccessKey)).toBe(SIGNATURE)
  expect(refusedSignature(request, account, at)).toBeNull()
})

test.each([
  ['another secret', request, { ...account, secretAccessKey: 'x' }, 'SignatureDoesNotMatch'],
  ['another key', request, { ...account, accessKeyId: 'x' }, 'InvalidAccessKeyId'],
  ['another region', request, { ...account, region: 'x' }, 'AuthorizationHeaderMalformed'],
  ['another path', { ...request, target: '/other' }, account, 'SignatureDoesNotMatch'],
  ['another body', { ...request, body: Buffer.of(1) }, account, 'XAmzContentSHA256Mismatch'],
  [
    'a header that was not signed',
    { ...request, headers: { ...request.headers, 'x-amz-copy-source': '/a/b' } },
    account,
    'AccessDenied',
  ],
])('%s is refused', (_, changed, who, code) => {
  expect(refusedSignature(changed, who, at)).toBe(code)
})

test('an old request is refused', () => {
  expect(refusedSignature(request, account, at + 16 * 60_000)).toBe('RequestTimeTooSkewed')
})
