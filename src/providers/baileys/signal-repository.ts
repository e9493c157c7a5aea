import type { SocketConfig } from '@whiskeysockets/baileys'
import { oneAtATime } from '../../shared/one-at-a-time.ts'
import type { AuthState, DrawerChanges } from './auth-state.ts'
import type { Reserved } from './journal.ts'
import { keyTransactions } from './key-transactions.ts'

type MakeRepository = SocketConfig['makeSignalRepository']

/**
 * What Baileys does about a message before the message has its turn to be opened: it notes whom the hidden id belongs to, and
 * moves the session there. For the first message of a person that takes longer than for the second, which would overtake it.
 * Here each waits for those before it, step by step, and so they come to be opened in the order in which they came.
 */
const inOrderOfArrival = (
  repository: ReturnType<MakeRepository>,
  transaction: ReturnType<typeof keyTransactions>['transaction'],
) => {
  const step = oneAtATime()
  const { lidMapping } = repository
  const migrateSession: typeof repository.migrateSession = (from, to) =>
    step('all', () => transaction(() => repository.migrateSession(from, to)))
  const ordered: typeof lidMapping = Object.create(lidMapping)
  ordered.storeLIDPNMappings = pairs => step('all', () => lidMapping.storeLIDPNMappings(pairs))
  return { lidMapping: ordered, migrateSession }
}

/**
 * Baileys' Signal repository, in which opening a message and writing it into the journal are one commit: a ratchet that moved
 * on is never durable without what it opened. `reserve` answers `null` for what is no message of ours to keep.
 */
export const journalling =
  (
    plain: MakeRepository,
    { keys, creds }: Pick<AuthState, 'keys' | 'creds'>,
    reserve: (ciphertext: Uint8Array, plaintext: Uint8Array) => Promise<Reserved | null>,
  ): MakeRepository =>
  (auth, logger, lookUp) => {
    const { inside, outside, transaction, change } = keyTransactions(keys, creds)
    // The keys that Baileys works with everywhere else.
    Object.assign(auth.keys, outside)
    const repository = plain({ creds: auth.creds, keys: inside }, logger, lookUp)

    const kept = async (ciphertext: Uint8Array, open: () => Promise<Uint8Array>): Promise<Uint8Array> => {
      let entry: Reserved | null = null
      const plaintext = await transaction(async () => {
        const opened = await open()
        entry = await reserve(ciphertext, opened)
        if (entry) {
          const changes: DrawerChanges = { drawer: entry.changes }
          change(changes)
        }
        return opened
      })
      const done = entry as Reserved | null
      done?.committed()
      return done?.instead ?? plaintext
    }
    return {
      ...repository,
      ...inOrderOfArrival(repository, transaction),
      decryptMessage: options => kept(options.ciphertext, () => repository.decryptMessage(options)),
      decryptGroupMessage: options => kept(options.msg, () => repository.decryptGroupMessage(options)),
      encryptMessage: options => transaction(() => repository.encryptMessage(options)),
      encryptGroupMessage: options => transaction(() => repository.encryptGroupMessage(options)),
      processSenderKeyDistributionMessage: options =>
        transaction(() => repository.processSenderKeyDistributionMessage(options)),
      getSenderKeyDistributionMessage: options =>
        transaction(() => repository.getSenderKeyDistributionMessage(options)),
      hasSenderKey: options => transaction(() => repository.hasSenderKey(options)),
      getSessionInfo: jid => transaction(() => repository.getSessionInfo(jid)),
      validateSession: jid => transaction(() => repository.validateSession(jid)),
      injectE2ESession: options => transaction(() => repository.injectE2ESession(options)),
      deleteSession: jids => transaction(() => repository.deleteSession(jids)),
    }
  }
