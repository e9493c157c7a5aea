import type { AddressBook } from './address-book.ts'
import type { proto } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import type { MediaStore } from './media-store.ts'
import { userOf } from './nodes.ts'
import { oneAtATime } from '../../../src/shared/one-at-a-time.ts'
import { makePerson, type AutoReceipts, type Person } from './person.ts'

export type Group = {
  readonly jid: string
  subject: string
  readonly members: Person[]
  readonly admin: Person
}

/** Something that was said, by whom, and where: what quotes, reactions, edits and revocations point at. */
export type Known = { readonly author: Person; readonly chat: string; readonly message: proto.IMessage }

export type ClientReceipt = {
  readonly account: string
  readonly ids: string[]
  /** `delivered`, `inactive`, `read`, `read-self`, `played`, `sender`, `retry`, `hist_sync` … */
  readonly type: string
  readonly to: string
  readonly participant: string | null
}
export type ClientPresence = { readonly account: string; readonly state: string; readonly to: string | null }
export type ClientAck = {
  readonly account: string
  readonly id: string
  readonly of: string
  readonly error: string | null
}
export type RejectedCall = { readonly account: string; readonly callId: string }

/** All that there is, in memory: people, linked devices, groups, and what was seen of the clients. */
export type World = ReturnType<typeof makeWorld>

const LID_FIRST = 100_000_000_000_001

export const makeWorld = (
  media: MediaStore,
  options: { autoReceipts: AutoReceipts; claimedPreKeys: number },
) => {
  const people = new Map<string, Person>()
  const companions = new Map<string, Companion>()
  const groups = new Map<string, Group>()
  let lids = LID_FIRST

  return {
    options,
    media,
    people,
    companions,
    groups,
    /** Whatever touches one phone's Signal sessions goes in order. */
    inOrder: oneAtATime(),
    connections: new Set<Connection>(),
    /** QR references that are on show, and pairing codes that wait, by phone number. */
    references: new Map<string, Connection>(),
    codes: new Map<string, { connection: Connection; wrapped: Buffer; reference: Buffer }>(),
    known: new Map<string, Known>(),
    receipts: [] as ClientReceipt[],
    presences: [] as ClientPresence[],
    /** The address books that phones share, by phone number. */
    books: new Map<string, AddressBook>(),
    acks: [] as ClientAck[],
    rejectedCalls: [] as RejectedCall[],
    /** What a phone could not open. */
    failures: [] as { id: string; number: string; error: string }[],
    /** Kinds of stanza that came, and how often: for reading, when something is odd. */
    heard: new Map<string, number>(),

    person(number: string, name = number): Person {
      const found = people.get(number)
      if (found) return found
      const made = makePerson(number, name, String(lids++), options.autoReceipts)
      people.set(number, made)
      people.set(userOf(made.lid).user, made)
      return made
    },
    personOf(jid: string): Person | undefined {
      return people.get(userOf(jid).user)
    },
    companionsOf(person: Person): Companion[] {
      return [...companions.values()].filter(companion => companion.owner === person)
    },
    companionAt(jid: string): Companion | undefined {
      const { user, device } = userOf(jid)
      const owner = people.get(user)
      return [...companions.values()].find(c => c.owner === owner && c.device === device)
    },
    /** The linked devices of that account; there must be one. */
    account(number: string): Companion[] {
      const owner = people.get(number)
      const found = owner ? this.companionsOf(owner) : []
      if (found.length === 0) throw new Error(`no device is linked to ${number}`)
      return found
    },
  }
}
