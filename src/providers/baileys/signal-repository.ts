import type { SignalAuthState, SignalKeyStoreWithTransaction, SocketConfig } from '@whiskeysockets/baileys'
import { oneAtATime } from '../../shared/one-at-a-time.ts'
import type { DrawerChanges } from './auth-state.ts'

type MakeRepository = SocketConfig['makeSignalRepository']

/** An entry of the journal that waits to be committed together with the key that opened it. */
export type Reserved = { readonly key: string; readonly text: string; committed(): void }

const withTransactions = (keys: SignalAuthState['keys']): SignalKeyStoreWithTransaction => {
  if (!('transaction' in keys)) throw new Error('Baileys gave keys without transactions')
  return keys
}

/** Looked up while a transaction is under way, and by several at once: these have a turn of their own. */
const LOOKUPS = 'lid-mapping'

/**
 * One transaction after the other, whatever it is about. Baileys lets one that sends and one that receives change the same
 * session at once, each from what it read before: the later commit would take the earlier one's step back.
 */
const takeTurns = (keys: SignalKeyStoreWithTransaction): void => {
  const transaction = keys.transaction.bind(keys)
  keys.transaction = (work, about) => transaction(work, about === LOOKUPS ? LOOKUPS : 'one')
}

/**
 * What Baileys does about a message before the message has its turn to be opened: it notes whom the hidden id belongs to, and
 * moves the session there. For the first message of a person that takes longer than for the second, which would overtake it.
 * Here each waits for those before it, step by step, and so they come to be opened in the order in which they came.
 */
const inOrderOfArrival = (repository: ReturnType<MakeRepository>) => {
  const step = oneAtATime()
  const { lidMapping, migrateSession } = repository
  const ordered: typeof lidMapping = Object.create(lidMapping)
  ordered.storeLIDPNMappings = pairs => step('all', () => lidMapping.storeLIDPNMappings(pairs))
  return {
    lidMapping: ordered,
    migrateSession: ((from, to) =>
      step('all', () => migrateSession.call(repository, from, to))) satisfies typeof migrateSession,
  }
}

/**
 * Baileys' Signal repository, in which opening a message and writing it into the journal are one commit: a ratchet that moved
 * on is never durable without what it opened. `reserve` answers `null` for what is no message of ours to keep.
 */
export const journalling =
  (
    plain: MakeRepository,
    reserve: (ciphertext: Uint8Array, plaintext: Uint8Array) => Promise<Reserved | null>,
  ): MakeRepository =>
  (auth, logger, lookUp) => {
    const keys = withTransactions(auth.keys)
    takeTurns(keys)
    const repository = plain(auth, logger, lookUp)
    const { decryptMessage, decryptGroupMessage } = repository

    const kept = async (ciphertext: Uint8Array, open: () => Promise<Uint8Array>): Promise<Uint8Array> => {
      let entry: Reserved | null = null
      const plaintext = await keys.transaction(async () => {
        const opened = await open()
        entry = await reserve(ciphertext, opened)
        if (entry) {
          const changes: DrawerChanges = { drawer: { [entry.key]: entry.text } }
          await keys.set(changes)
        }
        return opened
      }, 'one')
      ;(entry as Reserved | null)?.committed()
      return plaintext
    }
    return {
      ...repository,
      ...inOrderOfArrival(repository),
      decryptMessage: options => kept(options.ciphertext, () => decryptMessage.call(repository, options)),
      decryptGroupMessage: options => kept(options.msg, () => decryptGroupMessage.call(repository, options)),
    }
  }
