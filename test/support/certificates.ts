import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** X.509 certificates as a test needs them: an authority of its own, and servers on 127.0.0.1 that it vouches for. */
export type Authority = {
  /** PEM. */
  readonly certificate: string
  issue(): { readonly key: string; readonly certificate: string }
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const time = (at: Date): Buffer =>
  der(0x17, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`))
const TRUE = der(0x01, Buffer.of(0xff))
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))
const named = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [TRUE] : []), der(0x04, value))
const IS_AUTHORITY = extension('551d13', true, sequence(TRUE))
const IS_LOCAL = extension(
  '551d11',
  false,
  sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1))),
)

const HOUR_MS = 3_600_000

const certificate = (
  subject: string,
  key: KeyObject,
  issuer: string,
  by: KeyObject,
  more: Buffer,
): string => {
  const now = Date.now()
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_SHA256,
    named(issuer),
    sequence(time(new Date(now - HOUR_MS)), time(new Date(now + 24 * HOUR_MS))),
    named(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(more)),
  )
  const signed = sequence(body, ECDSA_SHA256, der(0x03, Buffer.of(0), sign('sha256', body, by)))
  const lines = signed.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

export const makeAuthority = (name: string): Authority => {
  const own = keyPair()
  return {
    certificate: certificate(name, own.publicKey, name, own.privateKey, IS_AUTHORITY),
    issue: () => {
      const { publicKey, privateKey } = keyPair()
      return {
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        certificate: certificate('localhost', publicKey, name, own.privateKey, IS_LOCAL),
      }
    },
  }
}
