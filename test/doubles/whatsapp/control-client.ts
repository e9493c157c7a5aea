import type { WhatsAppControl } from './control.ts'
import { fromWire, toWire } from './wire.ts'

/** Pairing waits for the client, playing for its last message; nothing else takes long. */
const ANSWER_MS_MAX = 240_000

/** Every deed of the control; the type makes sure that none is forgotten. */
const DEEDS: Record<keyof WhatsAppControl, true> = {
  person: true,
  people: true,
  scan: true,
  enterCode: true,
  codesWaiting: true,
  sessions: true,
  write: true,
  flood: true,
  prepare: true,
  play: true,
  repeat: true,
  group: true,
  typing: true,
  online: true,
  call: true,
  endCall: true,
  history: true,
  addressBook: true,
  sentTo: true,
  copiesAt: true,
  receipt: true,
  readOnPhone: true,
  askAgain: true,
  receiptsFrom: true,
  presencesFrom: true,
  acksFrom: true,
  rejectedCalls: true,
  failures: true,
  heard: true,
  misbehave: true,
  behave: true,
  streamError: true,
  cut: true,
  restrict: true,
  failMedia: true,
}

/** The control of a local WhatsApp in another process. */
export const connectControl = (controlUrl: string): WhatsAppControl => {
  const ask = async (deed: string, wish: unknown): Promise<unknown> => {
    const response = await fetch(`${controlUrl}/do/${deed}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: toWire(wish),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const said = fromWire(await response.text())
    if (response.ok) return said
    throw new Error(
      said && typeof said === 'object' && 'error' in said ? String(said.error) : `${response.status}`,
    )
  }
  const deeds = Object.keys(DEEDS).map(deed => [deed, (wish: unknown) => ask(deed, wish)])
  // The other side is made from the same type.
  return Object.fromEntries(deeds) as WhatsAppControl
}
