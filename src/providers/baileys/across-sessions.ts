import type { SignalAuthState, SignalKeyStoreWithTransaction, SocketConfig } from '@whiskeysockets/baileys'
import { oneAtATime } from '../../shared/one-at-a-time.ts'

type MakeRepository = SocketConfig['makeSignalRepository']

/** By the address at the other end, for the whole process, as libsignal's own queue is. */
const turn = oneAtATime()

const transactional = (keys: SignalAuthState['keys']): SignalKeyStoreWithTransaction => {
  if (!('transaction' in keys)) throw new Error('Baileys gave keys without transactions')
  return keys
}

/**
 * A Signal repository that many sessions in one process can share a contact with.
 *
 * libsignal queues its work by the contact's address, for the whole process, and whoever finds the queue empty runs all that
 * comes into it: in his own async context. Baileys keeps its transactions in that context. So when two sessions work with the
 * same contact, one's second message may be opened inside its first one's transaction, which is over: the step of the ratchet
 * is written nowhere, and the message after it is "Key used already or never filled", and lost.
 *
 * Here each takes his turn before he enters the queue and so runs his own work. The turn is taken inside the transaction: who
 * has one never waits for the other's.
 */
export const acrossSessions =
  (make: MakeRepository): MakeRepository =>
  (auth, logger, lookUp) => {
    const keys = transactional(auth.keys)
    const repository = make(auth, logger, lookUp)
    const inTurn = <T>(jid: string, work: () => Promise<T>): Promise<T> =>
      keys.transaction(() => turn(repository.jidToSignalProtocolAddress(jid), work), jid)
    const { decryptMessage, encryptMessage, injectE2ESession } = repository
    return {
      ...repository,
      decryptMessage: options => inTurn(options.jid, () => decryptMessage.call(repository, options)),
      encryptMessage: options => inTurn(options.jid, () => encryptMessage.call(repository, options)),
      injectE2ESession: options => inTurn(options.jid, () => injectE2ESession.call(repository, options)),
    }
  }
