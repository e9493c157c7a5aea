import type { Companion } from './companion.ts'
import { attr, bytesOf, childOf, childrenOf, node, numberOf, type Node } from './nodes.ts'
import { encodeBigEndian, KEY_BUNDLE_TYPE, xmppPreKey, xmppSignedPreKey } from '@whiskeysockets/baileys'
import { takeBundle } from './companion.ts'
import type { World } from './world.ts'

/** `encrypt` queries: the client's own keys going up, other people's keys coming down. */
export const answerEncrypt = async (world: World, me: Companion, asked: Node): Promise<Node[]> => {
  if (childOf(asked, 'count')) {
    const claimed = me.signed ? me.preKeys.length : Math.max(me.preKeys.length, world.options.claimedPreKeys)
    return [node('count', { value: String(claimed) })]
  }
  if (childOf(asked, 'digest')) return [node('digest', {}, [])]
  if (childOf(asked, 'list')) return keepKeys(me, asked)
  if (childOf(asked, 'rotate')) return keepSignedKey(me, childOf(asked, 'rotate'))
  const wanted = childrenOf(childOf(asked, 'key'), 'user').map(user => attr(user, 'jid'))
  const bundles = await Promise.all(wanted.map(jid => bundleOf(world, jid)))
  return [node('list', {}, bundles.flat())]
}

const keepKeys = (me: Companion, upload: Node): Node[] => {
  me.registrationId = numberOf(bytesOf(upload, 'registration'))
  for (const key of childrenOf(childOf(upload, 'list'), 'key'))
    me.preKeys.push({ id: numberOf(bytesOf(key, 'id')), value: bytesOf(key, 'value') })
  return keepSignedKey(me, upload)
}

const keepSignedKey = (me: Companion, of: Node | undefined): Node[] => {
  me.signed = {
    id: numberOf(bytesOf(of, 'skey', 'id')),
    value: bytesOf(of, 'skey', 'value'),
    signature: bytesOf(of, 'skey', 'signature'),
  }
  return []
}

const bundleOf = async (world: World, jid: string): Promise<Node[]> => {
  const companion = world.companionAt(jid)
  if (!companion) {
    const person = world.personOf(jid)
    return person ? [await person.signal.bundleFor(jid)] : []
  }
  const { registrationId, identity, signed, preKey } = takeBundle(companion)
  const signedKey = { public: signed.value, private: Buffer.alloc(0) }
  return [
    node('user', { jid }, [
      node('registration', {}, encodeBigEndian(registrationId)),
      node('type', {}, KEY_BUNDLE_TYPE),
      node('identity', {}, identity),
      xmppSignedPreKey({ keyId: signed.id, keyPair: signedKey, signature: signed.signature }),
      ...(preKey ? [xmppPreKey({ public: preKey.value, private: Buffer.alloc(0) }, preKey.id)] : []),
    ]),
  ]
}
