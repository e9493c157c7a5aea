import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  hkdf,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
  sha256,
} from '@whiskeysockets/baileys'
import type { makeAuthority } from './authority.ts'

type KeyPair = ReturnType<typeof Curve.generateKeyPair>
type Chain = ReturnType<typeof makeAuthority>

const NONCE_BYTES = 12
const NOTHING = Buffer.alloc(0)

const nonce = (count: number): Buffer => {
  const bytes = Buffer.alloc(NONCE_BYTES)
  bytes.writeUInt32BE(count, NONCE_BYTES - 4)
  return bytes
}

/**
 * The answering side of Noise XX, which Baileys has only the asking side of.
 *
 *   client → ephemeral                      hash ← hash | what was said
 *   server → ephemeral, static, chain       key  ← mixed with each Diffie-Hellman
 *   client → static, payload                then: one key a direction, one counter a key
 */
export const makeNoiseResponder = (serverKey: KeyPair, chain: Chain) => {
  const ephemeral = Curve.generateKeyPair()
  let hash = Buffer.from(NOISE_MODE)
  let salt: Uint8Array = hash
  let key: Uint8Array = hash
  let count = 0
  let transport: { reading: Uint8Array; writing: Uint8Array; read: number; written: number } | null = null

  const authenticate = (said: Uint8Array): void => {
    hash = Buffer.from(sha256(Buffer.concat([hash, said])))
  }
  const split = (secret: Uint8Array): [Uint8Array, Uint8Array] => {
    const both = Buffer.from(hkdf(Buffer.from(secret), 64, { salt: Buffer.from(salt), info: '' }))
    return [both.subarray(0, 32), both.subarray(32)]
  }
  const mix = (privateKey: Uint8Array, publicKey: Uint8Array): void => {
    ;[salt, key] = split(Curve.sharedKey(privateKey, publicKey))
    count = 0
  }
  const seal = (plain: Uint8Array): Uint8Array => {
    const sealed = aesEncryptGCM(plain, key, nonce(count++), hash)
    authenticate(sealed)
    return sealed
  }
  const unseal = (sealed: Uint8Array): Uint8Array => {
    const plain = aesDecryptGCM(sealed, key, nonce(count++), hash)
    authenticate(sealed)
    return plain
  }

  return {
    /** The client's first frame; the answer is our first. */
    hello(frame: Uint8Array): Uint8Array {
      const theirs = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral
      if (!theirs) throw new Error('the first frame was no client hello')
      authenticate(NOISE_WA_HEADER)
      authenticate(theirs)
      authenticate(ephemeral.public)
      mix(ephemeral.private, theirs)
      const sealedKey = seal(serverKey.public)
      mix(serverKey.private, theirs)
      const payload = seal(chain.chainFor(serverKey.public))
      return proto.HandshakeMessage.encode({
        serverHello: { ephemeral: ephemeral.public, static: sealedKey, payload },
      }).finish()
    },

    /** The client's second frame: who it is. From here on both sides seal with one key a direction. */
    finish(frame: Uint8Array): { noiseKey: string; payload: proto.ClientPayload } {
      const said = proto.HandshakeMessage.decode(frame).clientFinish
      if (!said?.static || !said.payload) throw new Error('the second frame was no client finish')
      const theirs = unseal(said.static)
      mix(ephemeral.private, theirs)
      const payload = proto.ClientPayload.decode(unseal(said.payload))
      const [reading, writing] = split(NOTHING)
      transport = { reading, writing, read: 0, written: 0 }
      return { noiseKey: Buffer.from(theirs).toString('base64'), payload }
    },

    seal(plain: Uint8Array): Uint8Array {
      if (!transport) throw new Error('the handshake is not over')
      return aesEncryptGCM(plain, transport.writing, nonce(transport.written++), NOTHING)
    },
    unseal(sealed: Uint8Array): Uint8Array {
      if (!transport) throw new Error('the handshake is not over')
      return aesDecryptGCM(sealed, transport.reading, nonce(transport.read++), NOTHING)
    },
  }
}
