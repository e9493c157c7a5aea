import type { ConnectionState } from '../provider.ts'

/** What becomes of a connection that WhatsApp, or the line, ended with a code. */
export type Parting =
  /** The pairing is done, or WhatsApp asks for it: connect again at once, tell nobody. */
  | { readonly next: 'restart' }
  /** The device is no longer linked: its keys are worthless. */
  | { readonly next: 'wipe'; readonly state: ConnectionState }
  | { readonly next: 'tell'; readonly state: ConnectionState }

const closed = (reason: string, code: string): Parting => ({
  next: 'tell',
  state: { state: 'closed', reason, code },
})
const ended = (state: 'replaced' | 'restricted' | 'failed', reason: string, code: string): Parting => ({
  next: 'tell',
  state: { state, reason, code },
})

const LOST: Readonly<Record<number, string>> = {
  408: 'connection-lost',
  428: 'connection-closed',
  429: 'too-many-requests',
  500: 'bad-session',
  501: 'not-implemented',
  502: 'bad-gateway',
  503: 'service-unavailable',
  504: 'gateway-timeout',
}

/**
 * How Baileys begins what it says of the line itself. The code beside it is then no word of WhatsApp: it is the HTTP status with
 * which a proxy or a portal on the way refused, or a number chosen for a host that was not there. A 401 of that sort must
 * not cost a pairing.
 */
const OF_THE_LINE = 'WebSocket Error'

/** `code`: Baileys' status code, or none when nobody said why; `said`: its words. The reasons are ours, and have words on the screen. */
export const partingOf = (code: number | undefined, said: string): Parting => {
  const name = String(code ?? 'unknown')
  if (said.startsWith(OF_THE_LINE)) return closed('unreachable', name)
  switch (code) {
    case 515:
      return { next: 'restart' }
    case 401:
      return { next: 'wipe', state: { state: 'logged-out', reason: 'logged-out', code: name } }
    case 402:
    case 403:
    case 406:
      // Banned for good, or for a time: connecting again would make it worse.
      return ended('restricted', 'restricted', name)
    case 440:
      return ended('replaced', 'replaced', name)
    case 405:
    case 409:
      return ended('failed', 'client-outdated', name)
    case 411:
      return ended('failed', 'multidevice-mismatch', name)
    case undefined:
    default:
      return closed((code === undefined ? undefined : LOST[code]) ?? 'connection-lost', name)
  }
}
