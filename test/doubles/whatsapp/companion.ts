import { SERVER_JID, node, seconds, userOf, type Node } from './nodes.ts'
import type { Connection } from './connection.ts'
import { makeMischief, type Mischief } from './misbehaviour.ts'
import type { Person } from './person.ts'
import type { Bundle, PreKey } from './signal-identity.ts'

const PRE_KEYS_LOW = 5

/** A linked device, as the server knows it: its keys, and what waits for it. */
export type Companion = {
  readonly owner: Person
  readonly device: number
  readonly jid: string
  readonly lid: string
  /** The key that it must show in the handshake (base64). */
  readonly noiseKey: string
  readonly identity: Buffer
  registrationId: number
  signed: Bundle['signed'] | null
  readonly preKeys: PreKey[]
  /** What the device has not confirmed yet, in order. It is told again after the next login. */
  readonly waiting: Node[]
  connection: Connection | null
  mischief: Mischief
  logins: number
}

export const makeCompanion = (
  owner: Person,
  device: number,
  noiseKey: string,
  identity: Buffer,
): Companion => ({
  owner,
  device,
  jid: `${owner.number}:${device}@${SERVER_JID}`,
  lid: `${userOf(owner.lid).user}:${device}@lid`,
  noiseKey,
  identity,
  registrationId: 0,
  signed: null,
  preKeys: [],
  waiting: [],
  connection: null,
  mischief: makeMischief(),
  logins: 0,
})

/** The keys with which a phone opens a session; a one-time key is gone with it, and the device hears when few are left. */
export const takeBundle = (of: Companion): Bundle => {
  if (!of.signed) throw new Error(`the device ${of.jid} has uploaded no keys yet`)
  const preKey = of.preKeys.shift()
  if (of.preKeys.length < PRE_KEYS_LOW)
    of.connection?.send(
      node('notification', { from: SERVER_JID, type: 'encrypt', id: `keys-${Date.now()}`, t: seconds() }, [
        node('count', { value: String(of.preKeys.length) }),
      ]),
    )
  return { registrationId: of.registrationId, identity: of.identity, signed: of.signed, preKey }
}

/** The device has it: it need not be told again. */
export const confirm = (of: Companion, id: string): void => {
  const index = of.waiting.findIndex(waiting => waiting.attrs['id'] === id)
  if (index >= 0) of.waiting.splice(index, 1)
}
