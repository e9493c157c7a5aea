import {
  BufferJSON,
  initAuthCreds,
  proto,
  type AuthenticationCreds,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys'
import type { SessionStore } from '../provider.ts'
import type { CachedDrawer } from './cached-drawer.ts'
import type { Keys } from './key-transactions.ts'

/**
 * Credentials and Signal keys of one linked device in the session's drawer. Everything that one Signal transaction changes is
 * one commit.
 *
 *   creds                the device: its identity, account, counters
 *   key/<type>/<id>      Signal keys as Baileys names them
 *   in/<number>          what came in and is not a fact yet (see journal)
 *   media/… sent/…       where a file lies, what a sent message was called (see by-day)
 */
export type AuthState = {
  readonly creds: AuthenticationCreds
  readonly keys: Keys
  /** Durable when it resolves. */
  saveCreds(): Promise<void>
  /** The person's other address, as far as it was learnt: user parts of a phone jid and a LID. */
  phoneOfLid(lid: string): Promise<string | null>
  lidOfPhone(phone: string): Promise<string | null>
}

const CREDS = 'creds'
const KEY = 'key/'
/** A name of ours among the types of keys: what is written under it in a transaction goes into the drawer as it is. */
export const DRAWER = 'drawer'
export type DrawerChanges = SignalDataSet & { readonly drawer: { readonly [key: string]: string | null } }

const textOf = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer)
/** Most of it is plain, and reviving takes several times as long. */
const parsed = <T>(text: string): T =>
  (text.includes('"Buffer"') ? JSON.parse(text, BufferJSON.reviver) : JSON.parse(text)) as T

const keyNameOf = (type: string, id: string): string => `${KEY}${type}/${id}`

const valueOf = <T extends keyof SignalDataTypeMap>(type: T, text: string): SignalDataTypeMap[T] => {
  const value = parsed<SignalDataTypeMap[T]>(text)
  // Sync keys are looked into as protobufs.
  return type === 'app-state-sync-key'
    ? (proto.Message.AppStateSyncKeyData.fromObject(value as object) as unknown as SignalDataTypeMap[T])
    : value
}

const changesOf = (data: SignalDataSet): Map<string, string | null> => {
  const changes = new Map<string, string | null>()
  for (const [type, byId] of Object.entries(data))
    for (const [id, value] of Object.entries(byId ?? {})) {
      if (type === DRAWER) changes.set(id, value as string | null)
      else changes.set(keyNameOf(type, id), value === null || value === undefined ? null : textOf(value))
    }
  return changes
}

/** Half a pairing (a code was asked for, the phone never answered) is no pairing: it begins anew. */
const loadCreds = async (store: SessionStore): Promise<AuthenticationCreds> => {
  const text = (await store.get([CREDS])).get(CREDS)
  const kept = text === undefined ? null : parsed<AuthenticationCreds>(text)
  return kept?.account ? kept : initAuthCreds()
}

/** `onLost` is told when something could not be made durable: nothing may be acknowledged to WhatsApp after that. */
export const openAuthState = async (
  store: CachedDrawer,
  onLost: (error: unknown) => void,
): Promise<AuthState> => {
  const creds = await loadCreds(store)
  const commit = async (changes: ReadonlyMap<string, string | null>, by = store.commit): Promise<void> => {
    if (changes.size === 0) return
    try {
      await by(changes)
    } catch (error) {
      onLost(error)
      throw error
    }
  }
  /** Written one after the other: the last word is the one that stays. */
  let saving: Promise<void> = Promise.resolve()
  const mapping = async (id: string): Promise<string | null> => {
    const name = keyNameOf('lid-mapping', id)
    const text = (await store.get([name])).get(name)
    return text === undefined ? null : parsed<string>(text)
  }
  return {
    creds,
    keys: {
      get: async (type, ids) => {
        const found = await store.get(ids.map(id => keyNameOf(type, id)))
        const values: { [id: string]: SignalDataTypeMap[typeof type] } = {}
        for (const id of ids) {
          const text = found.get(keyNameOf(type, id))
          if (text !== undefined) values[id] = valueOf(type, text)
        }
        return values
      },
      begin: () => {
        const by = store.begin()
        return data => commit(changesOf(data), by)
      },
    },
    saveCreds: () => {
      const mine = saving.then(() => commit(new Map([[CREDS, textOf(creds)]])))
      saving = mine.catch(() => undefined)
      return mine
    },
    phoneOfLid: lid => mapping(`${lid}_reverse`),
    lidOfPhone: phone => mapping(phone),
  }
}

/** Forgets the pairing; what came in before stays until it is a fact. */
export const wipeAuthState = async (store: SessionStore): Promise<void> => {
  const keys = [CREDS, ...(await store.keys(KEY))]
  await store.commit(new Map(keys.map(key => [key, null])))
}
