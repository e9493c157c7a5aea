import type { proto } from '@whiskeysockets/baileys'
import type { Received } from './received.ts'
import { SERVER_JID } from './nodes.ts'
import { makeSignalIdentity, type SignalIdentity } from './signal-identity.ts'

/** What a phone does by itself when a message reaches it. */
export type AutoReceipts = 'none' | 'delivered' | 'read'

/** What a phone wrote, kept for devices that ask for it again. */
export type Written = {
  readonly chat: string
  readonly message: proto.IMessage
  readonly at: number
}

/** Somebody with a phone: an account's owner who links devices, or a customer. They are all the same to WhatsApp. */
export type Person = {
  readonly number: string
  name: string
  /** By phone number, and by the identity that v7 clients prefer. */
  readonly jid: string
  readonly lid: string
  readonly signal: SignalIdentity
  /** What reached the phone from linked devices, oldest first. */
  readonly inbox: Received[]
  readonly written: Map<string, Written>
  /** The devices that were given this person's sender key of that group. */
  readonly keyHolders: Map<string, Set<string>>
  autoReceipts: AutoReceipts
  pictureUrl: string | null
}

export const makePerson = (
  number: string,
  name: string,
  lidUser: string,
  autoReceipts: AutoReceipts,
): Person => ({
  number,
  name,
  jid: `${number}@${SERVER_JID}`,
  lid: `${lidUser}@lid`,
  signal: makeSignalIdentity(),
  inbox: [],
  written: new Map(),
  keyHolders: new Map(),
  autoReceipts,
  pictureUrl: null,
})
