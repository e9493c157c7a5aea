import { parsePhoneNumberFromString } from 'libphonenumber-js'
import type { Address, Party } from '../provider.ts'
import { SimulatorFault } from './fault.ts'

const ID = /^[\w.@:-]{1,200}$/

/**
 * Who `from` names: a phone number (any spelling, country code needed), `bsuid:…` or `lid:…`. Lengths and country codes
 * are checked, not whether the number is in use: fictional numbers are what a simulator is for.
 * @throws SimulatorFault
 */
export const simulatedAddress = (from: string): Address => {
  for (const kind of ['bsuid', 'lid'] as const) {
    if (!from.startsWith(`${kind}:`)) continue
    const value = from.slice(kind.length + 1)
    if (!ID.test(value)) throw new SimulatorFault('invalid', `from: not a ${kind}`)
    return { kind, value }
  }
  const number = parsePhoneNumberFromString(from.startsWith('+') ? from : `+${from}`)
  if (!number?.isPossible()) throw new SimulatorFault('invalid', 'from: not a phone number with country code')
  return { kind: 'phone', value: number.number.slice(1) }
}

export const simulatedParty = (from: string, name?: string): Party => ({
  addresses: [simulatedAddress(from)],
  ...(name === undefined ? {} : { name }),
})

/** One text for an address, as outbound items show it. */
export const addressText = (a: Address): string => (a.kind === 'phone' ? a.value : `${a.kind}:${a.value}`)
