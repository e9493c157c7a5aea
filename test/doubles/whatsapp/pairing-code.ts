import { randomBytes } from 'node:crypto'
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  Curve,
  derivePairingCodeKey,
  hkdf,
} from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import { attr, bytesOf, node, seconds, SERVER_JID, userOf, type Node } from './nodes.ts'
import { link } from './pairing.ts'
import type { Person } from './person.ts'
import type { World } from './world.ts'

const FINISH_WAIT_MS = 20_000
const SALT_BYTES = 32
const IV_BYTES = 16
const GCM_IV_BYTES = 12
const KEY_BYTES = 32

/** `link_code_companion_reg`: the client's half of a pairing by code. It keeps what the phone will need. */
export const answerLinkCode = (world: World, connection: Connection, said: Node): Node[] => {
  if (attr(said, 'stage') === 'companion_finish') {
    connection.onCodeFinish?.(said)
    return []
  }
  const reference = randomBytes(16)
  const wrapped = bytesOf(said, 'link_code_pairing_wrapped_companion_ephemeral_pub')
  world.codes.set(userOf(attr(said, 'jid')).user, { connection, wrapped, reference })
  return [
    node('link_code_companion_reg', { stage: 'companion_hello' }, [
      node('link_code_pairing_ref', {}, reference),
    ]),
  ]
}

/**
 * What the owner's phone does with a typed code. The code never travels: each side wraps a fresh public key with it, and a
 * wrong code makes the wrong secret, which is noticed when the client's bundle cannot be opened.
 *
 *   client → its ephemeral key, under the code      phone → its own, under the code, and its identity
 *   client → its identity, under the shared secret  phone → vouches for the device, as with a QR code
 */
export const enterPairingCode = async (world: World, code: string, owner: Person): Promise<Companion> => {
  const waiting = world.codes.get(owner.number)
  if (!waiting) throw new Error(`nobody waits for a pairing code for ${owner.number}`)
  const { connection, wrapped, reference } = waiting
  const typed = code.replaceAll('-', '').toUpperCase()
  const theirs = await unwrap(typed, wrapped)
  const ours = Curve.generateKeyPair()

  const finished = new Promise<Node>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the client did not finish the pairing')), FINISH_WAIT_MS)
    connection.onCodeFinish = said => {
      clearTimeout(late)
      resolve(said)
    }
  })
  connection.send(
    node(
      'notification',
      { from: SERVER_JID, type: 'link_code_companion_reg', id: `code-${Date.now()}`, t: seconds() },
      [
        node('link_code_companion_reg', { stage: 'primary_hello' }, [
          node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, await wrap(typed, ours.public)),
          node('primary_identity_pub', {}, owner.signal.identity.public),
          node('link_code_pairing_ref', {}, reference),
        ]),
      ],
    ),
  )
  const said = await finished
  const shared = Curve.sharedKey(ours.private, theirs)
  const { identity, random } = openBundle(bytesOf(said, 'link_code_pairing_wrapped_key_bundle'), shared)
  if (!identity.equals(bytesOf(said, 'companion_identity_public')))
    throw new Error('the client shows two identities')
  const withIdentity = Curve.sharedKey(owner.signal.identity.private, identity)
  const secret = hkdf(Buffer.concat([shared, withIdentity, random]), KEY_BYTES, { info: 'adv_secret' })
  world.codes.delete(owner.number)
  const noiseKey = connection.noiseKey
  return link(world, connection, owner, {
    noiseKey,
    identity,
    advSecret: Buffer.from(secret).toString('base64'),
  })
}

const openBundle = (bundle: Buffer, shared: Buffer): { identity: Buffer; random: Buffer } => {
  const key = hkdf(shared, KEY_BYTES, {
    salt: bundle.subarray(0, SALT_BYTES),
    info: 'link_code_pairing_key_bundle_encryption_key',
  })
  const iv = bundle.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES)
  try {
    const sealed = bundle.subarray(SALT_BYTES + GCM_IV_BYTES)
    const plain = aesDecryptGCM(sealed, Buffer.from(key), iv, Buffer.alloc(0))
    return { identity: plain.subarray(0, KEY_BYTES), random: plain.subarray(2 * KEY_BYTES, 3 * KEY_BYTES) }
  } catch (error) {
    throw new Error('the pairing code is wrong', { cause: error })
  }
}

const wrap = async (code: string, publicKey: Uint8Array): Promise<Buffer> => {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  return Buffer.concat([salt, iv, aesEncryptCTR(publicKey, await derivePairingCodeKey(code, salt), iv)])
}

const unwrap = async (code: string, wrapped: Buffer): Promise<Buffer> => {
  const key = await derivePairingCodeKey(code, wrapped.subarray(0, SALT_BYTES))
  const iv = wrapped.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES)
  return aesDecryptCTR(wrapped.subarray(SALT_BYTES + IV_BYTES), key, iv)
}
