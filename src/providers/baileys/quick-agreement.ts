import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { createRequire } from 'node:module'

/**
 * libsignal agrees on a secret six times for a person's first message and twice whenever the other side begins to speak, and makes
 * two key objects of raw bytes each time. It hands them to OpenSSL as DER, and OpenSSL 3 tries all its decoders on them: half a
 * millisecond, a quarter of all that the server did for a first message. The same bytes as a JWK are taken as they are, in a
 * seventh of the time.
 */
type Agree = (publicKey: Buffer, privateKey: Buffer) => Buffer
type Curve = {
  calculateAgreement: Agree
  generateKeyPair(): { readonly pubKey: Buffer; readonly privKey: Buffer }
}

const KEY_BYTES = 32
/** What libsignal puts before a public key. */
const TYPE = 5
/** Asked for by Node beside a private key, and not looked at. */
const NO_PUBLIC_KEY = Buffer.alloc(KEY_BYTES).toString('base64url')

const agreedOn: Agree = (publicKey, privateKey) => {
  const x = publicKey.toString('base64url', 1)
  const d = privateKey.toString('base64url')
  return diffieHellman({
    privateKey: createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', d, x: NO_PUBLIC_KEY } }),
    publicKey: createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x } }),
  })
}

const isUsual = (publicKey: Buffer, privateKey: Buffer): boolean =>
  Buffer.isBuffer(publicKey) &&
  publicKey.length === KEY_BYTES + 1 &&
  publicKey[0] === TYPE &&
  Buffer.isBuffer(privateKey) &&
  privateKey.length === KEY_BYTES

/** The same as the given way; what is no pair of keys is left to it. */
export const quickWay =
  (own: Agree): Agree =>
  (publicKey, privateKey) =>
    isUsual(publicKey, privateKey) ? agreedOn(publicKey, privateKey) : own(publicKey, privateKey)

/** libsignal's curve, as Baileys loads it. */
export const libsignalCurve = (): Curve => {
  const baileys = createRequire(import.meta.url).resolve('@whiskeysockets/baileys')
  return (createRequire(baileys)('libsignal') as { readonly curve: Curve }).curve
}

let quick = false

/** Lets libsignal agree by the quick way, if that comes to the same with this Node. */
export const quickAgreement = (): void => {
  if (quick) return
  quick = true
  const curve = libsignalCurve()
  const [one, other] = [curve.generateKeyPair(), curve.generateKeyPair()]
  const own = curve.calculateAgreement
  try {
    if (!agreedOn(one.pubKey, other.privKey).equals(own(one.pubKey, other.privKey))) return
  } catch {
    // A Node that looks at it after all.
    return
  }
  curve.calculateAgreement = quickWay(own)
}
