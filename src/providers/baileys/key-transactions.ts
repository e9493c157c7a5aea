import type {
  AuthenticationCreds,
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStore,
  SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys'
import { oneAtATime } from '../../shared/one-at-a-time.ts'

/**
 * Baileys finds out by Node's async context whether it is inside of a transaction. That has two prices. Where Node keeps contexts
 * by hooks on promises (before 24), every promise of the process costs a step for every connection that was ever opened. And
 * libsignal runs what waits for one address in the context of whoever came first: when two sessions hear from the same person at
 * once, the second's ratchet is written beside its transaction, without what it opened.
 *
 * Here the transaction is known by whose keys are asked. The repository has keys of its own, and does one thing after the other:
 *
 *   repository ─▶ inside   what it changes waits for the end, and is one commit then; whoever comes next sees it
 *   the rest   ─▶ outside  each change is a commit of its own, in the same line
 *
 * What was done is told only when it is durable, and so is all that it was built upon.
 */
export type Keys = {
  readonly get: SignalKeyStore['get']
  /** What is read from now on is what the commit is built upon: it fails if something of that was not made durable. */
  begin(): (changes: SignalDataSet) => Promise<void>
}

/** Kept by Baileys beside everything else, and asked for by several at once: never part of a transaction. */
const LOOKUPS = 'lid-mapping'

type Changes = { [type: string]: { [id: string]: unknown } }

const add = (changes: Changes, data: SignalDataSet): void => {
  for (const [type, byId] of Object.entries(data)) changes[type] = { ...changes[type], ...byId }
}

/** One-time keys have their numbers as soon as they are written: nobody else who needs some takes the same. */
const takeNumbers = (creds: AuthenticationCreds, made: SignalDataSet['pre-key']): void => {
  const ids = Object.entries(made ?? {}).flatMap(([id, pair]) => (pair ? [Number(id) + 1] : []))
  creds.nextPreKeyId = Math.max(creds.nextPreKeyId, ...ids)
  creds.firstUnuploadedPreKeyId = Math.max(creds.firstUnuploadedPreKeyId, ...ids)
}

export const keyTransactions = (keys: Keys, creds: AuthenticationCreds) => {
  const turn = oneAtATime()
  let current: Changes | null = null

  /** Runs with the keys to itself; resolves when what it changed is durable. What it throws undoes it. */
  const transaction = async <T>(work: () => Promise<T>): Promise<T> => {
    let durable: Promise<void> = Promise.resolve()
    const done = await turn('all', async () => {
      const commit = keys.begin()
      const changes: Changes = {}
      current = changes
      try {
        const result = await work()
        // The next one begins with it while it is written.
        durable = commit(changes)
        durable.catch(() => undefined)
        return result
      } finally {
        current = null
      }
    })
    await durable
    return done
  }

  const change = (data: SignalDataSet): void => {
    if (!current) throw new Error('keys are changed outside of a transaction')
    add(current, data)
  }
  const inside: SignalKeyStoreWithTransaction = {
    get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
      const changed = (type === LOOKUPS ? null : current?.[type]) ?? {}
      const rest = ids.filter(id => !(id in changed))
      const found = rest.length > 0 ? await keys.get(type, rest) : {}
      for (const id of ids) {
        const value = changed[id]
        // What was changed as that type.
        if (value !== undefined && value !== null) found[id] = value as SignalDataTypeMap[T]
      }
      return found
    },
    set: async data => {
      const { [LOOKUPS]: lookups, ...rest } = data
      if (lookups) await keys.begin()({ [LOOKUPS]: lookups })
      if (Object.keys(rest).length > 0) change(rest)
    },
    transaction: work => work(),
    isInTransaction: () => current !== null,
  }
  const outside: SignalKeyStoreWithTransaction = {
    get: keys.get,
    set: data => {
      takeNumbers(creds, data['pre-key'])
      return transaction(async () => change(data))
    },
    transaction: work => work(),
    isInTransaction: () => false,
  }
  return { inside, outside, transaction, change }
}
