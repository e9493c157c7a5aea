import { randomBytes } from 'node:crypto'
import { Curve, hmacSign, proto } from '@whiskeysockets/baileys'
import { makeCompanion, type Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import { bytesOf, node, seconds, SERVER_JID, type Node } from './nodes.ts'
import type { Person } from './person.ts'
import type { World } from './world.ts'

const REFERENCES = 6
const PAIRING_WAIT_MS = 20_000
/** What both sides put before the bytes that they sign. */
const ACCOUNT_SIGNATURE = Buffer.from([6, 0])
const DEVICE_SIGNATURE = Buffer.from([6, 1])

/** To a client without an account: the references from which it draws its QR codes, one after the other. */
export const offerPairing = (world: World, connection: Connection): void => {
  const references = Array.from({ length: REFERENCES }, () => `2@${randomBytes(33).toString('base64')}`)
  for (const reference of references) world.references.set(reference, connection)
  connection.send(
    node('iq', { from: SERVER_JID, type: 'set', id: `pair-${Date.now()}`, xmlns: 'md' }, [
      node(
        'pair-device',
        {},
        references.map(reference => node('ref', {}, Buffer.from(reference))),
      ),
    ]),
  )
}

/** What the owner's phone does with the text in a QR code: both the bare one and the one inside a link. */
export const scanQr = async (world: World, qr: string, owner: Person): Promise<Companion> => {
  const [reference = '', noiseKey = '', identity = '', advSecret = ''] = qr.replace(/^.*#/, '').split(',')
  const connection = world.references.get(reference)
  if (!connection) throw new Error('this QR code is not valid, or not any more')
  const shown = connection.payload?.devicePairingData?.eIdent
  if (!shown || Buffer.from(shown).toString('base64') !== identity)
    throw new Error('the QR code shows another identity than the client registered with')
  return link(world, connection, owner, { noiseKey, identity: Buffer.from(identity, 'base64'), advSecret })
}

/**
 * The link itself. The phone vouches for the new device twice: with the secret that only the QR code (or the pairing code)
 * carried, and with its account's key. The device answers with its own signature, is told to restart, and may log in.
 */
export const link = (
  world: World,
  connection: Connection,
  owner: Person,
  shown: { noiseKey: string; identity: Buffer; advSecret: string },
): Promise<Companion> => {
  const device = 1 + Math.max(0, ...world.companionsOf(owner).map(c => c.device))
  const companion = makeCompanion(owner, device, shown.noiseKey, shown.identity)
  const account = owner.signal.identity
  const details = proto.ADVDeviceIdentity.encode({
    rawId: device,
    timestamp: Number(seconds()),
    keyIndex: device,
  }).finish()
  const accountSignature = Curve.sign(
    account.private,
    Buffer.concat([ACCOUNT_SIGNATURE, details, shown.identity]),
  )
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.public,
    accountSignature,
  }).finish()
  const vouched = proto.ADVSignedDeviceIdentityHMAC.encode({
    details: signed,
    hmac: hmacSign(Buffer.from(signed), Buffer.from(shown.advSecret, 'base64')),
  }).finish()

  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the client did not sign the pairing')), PAIRING_WAIT_MS)
    connection.onPaired = reply => {
      clearTimeout(late)
      const back = proto.ADVSignedDeviceIdentity.decode(bytesOf(reply, 'pair-device-sign', 'device-identity'))
      const message = Buffer.concat([DEVICE_SIGNATURE, details, shown.identity, account.public])
      if (!back.deviceSignature || !Curve.verify(shown.identity, message, back.deviceSignature))
        return reject(new Error('the signature of the new device is wrong'))
      world.companions.set(companion.jid, companion)
      for (const [reference, of] of world.references)
        if (of === connection) world.references.delete(reference)
      connection.send(node('stream:error', { code: '515' }))
      connection.close()
      resolve(companion)
    }
    connection.send(pairSuccess(companion, vouched))
  })
}

const pairSuccess = (companion: Companion, vouched: Uint8Array): Node =>
  node('iq', { from: SERVER_JID, type: 'set', id: `paired-${Date.now()}`, t: seconds() }, [
    node('pair-success', {}, [
      node('device-identity', {}, vouched),
      node('biz', { name: companion.owner.name }),
      node('platform', { name: 'android' }),
      node('device', { jid: companion.jid, lid: companion.lid }),
    ]),
  ])
