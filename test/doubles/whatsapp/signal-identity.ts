import {
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeBigEndian,
  generateSignalPubKey,
  initAuthCreds,
  KEY_BUNDLE_TYPE,
  proto,
  unpadRandomMax16,
  writeRandomPadMax16,
  xmppPreKey,
  xmppSignedPreKey,
  type SignalKeyStore,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { memoryKeys } from './memory-keys.ts'
import { node, type Node } from './nodes.ts'

const make = DEFAULT_CONNECTION_CONFIG.makeSignalRepository
const silent = pino({ level: 'silent' })

export type SealedMessage = { type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }
export type PreKey = { id: number; value: Buffer }
export type Bundle = {
  registrationId: number
  identity: Buffer
  signed: { id: number; value: Buffer; signature: Buffer }
  preKey: PreKey | undefined
}
export type SignalIdentity = ReturnType<typeof makeSignalIdentity>

/**
 * Keys in memory need no undoing, and libsignal itself works with one address at a time. Baileys' own transactions would cost
 * every promise of this process a step for each phone in it (Node before 24), and mix up phones that write to the same device.
 */
const withoutTransactions = (keys: SignalKeyStore): SignalKeyStoreWithTransaction => ({
  ...keys,
  isInTransaction: () => false,
  transaction: work => work(),
})

/** The Signal side of one phone: its identity, its sessions with devices, its sender keys. */
export const makeSignalIdentity = () => {
  const creds = initAuthCreds()
  const keys = withoutTransactions(memoryKeys())
  const repository = make({ creds, keys }, silent)
  let nextPreKey = 1

  return {
    identity: creds.signedIdentityKey,
    registrationId: creds.registrationId,

    /** What a device needs to write to this phone, with a fresh one-time key. */
    async bundleFor(jid: string): Promise<Node> {
      const id = nextPreKey++
      const pair = Curve.generateKeyPair()
      await keys.set({ 'pre-key': { [id]: pair } })
      return node('user', { jid }, [
        node('registration', {}, encodeBigEndian(creds.registrationId)),
        node('type', {}, KEY_BUNDLE_TYPE),
        node('identity', {}, creds.signedIdentityKey.public),
        xmppSignedPreKey(creds.signedPreKey),
        xmppPreKey(pair, id),
      ])
    },

    async hasSession(jid: string): Promise<boolean> {
      return (await repository.validateSession(jid)).exists
    },

    async openSession(jid: string, bundle: Bundle): Promise<void> {
      await repository.injectE2ESession({
        jid,
        session: {
          registrationId: bundle.registrationId,
          identityKey: generateSignalPubKey(bundle.identity),
          signedPreKey: {
            keyId: bundle.signed.id,
            publicKey: generateSignalPubKey(bundle.signed.value),
            signature: bundle.signed.signature,
          },
          ...(bundle.preKey && {
            preKey: { keyId: bundle.preKey.id, publicKey: generateSignalPubKey(bundle.preKey.value) },
          }),
        },
      })
    },

    async forget(jid: string): Promise<void> {
      await repository.deleteSession([jid])
    },

    seal: (jid: string, message: proto.IMessage): Promise<SealedMessage> =>
      repository.encryptMessage({ jid, data: padded(message) }),

    async unseal(jid: string, type: string, ciphertext: Uint8Array): Promise<proto.Message> {
      if (type !== 'pkmsg' && type !== 'msg') throw new Error(`no one-to-one cipher is called ${type}`)
      const plain = await repository.decryptMessage({ jid, type, ciphertext })
      return proto.Message.decode(unpadRandomMax16(plain))
    },

    /** For a group: the message under our sender key, and what members need to read with it. */
    async sealForGroup(group: string, me: string, message: proto.IMessage) {
      const sealed = await repository.encryptGroupMessage({ group, meId: me, data: padded(message) })
      return { ciphertext: sealed.ciphertext, keyMessage: sealed.senderKeyDistributionMessage }
    },

    async unsealFromGroup(group: string, author: string, ciphertext: Uint8Array): Promise<proto.Message> {
      const plain = await repository.decryptGroupMessage({ group, authorJid: author, msg: ciphertext })
      return proto.Message.decode(unpadRandomMax16(plain))
    },

    learnSenderKey: (author: string, item: proto.Message.ISenderKeyDistributionMessage): Promise<void> =>
      repository.processSenderKeyDistributionMessage({ authorJid: author, item }),

    close: (): void => repository.close?.(),
  }
}

const padded = (message: proto.IMessage): Uint8Array =>
  writeRandomPadMax16(proto.Message.encode(message).finish())
