import type { Clock } from '../shared/clock.ts'

type ToLink = { readonly sessionId: string; readonly expiresAt: string }
/** What links a session: a QR code to scan, or a code to type into the phone. */
export type ShownCode =
  | (ToLink & { readonly action: 'qr'; readonly qr: string })
  | (ToLink & { readonly action: 'pairingCode'; readonly pairingCode: string })
  /** Not a code: at `expiresAt` a lost connection is tried again, for the `attempt`-th time of at most `attemptsMax`. */
  | (ToLink & { readonly action: 'retry'; readonly attempt: number; readonly attemptsMax: number })

/** In which state of a session each of them is of any use. */
const OF_USE: { readonly [A in ShownCode['action']]: string } = {
  qr: 'awaiting-scan',
  pairingCode: 'awaiting-scan',
  retry: 'reconnecting',
}

/** What each session shows now, one of each sort, for whoever comes while it is shown. It is written nowhere. */
export type QrRelay = {
  publish(companyId: string, code: ShownCode): void
  current(companyId: string): ShownCode[]
  /** All that are shown now, of every company. */
  all(): { readonly companyId: string; readonly code: ShownCode }[]
  /** The session is in this state (`null`: gone): what is of no use in it is dropped. */
  became(sessionId: string, status: string | null): void
}

export const createQrRelay = (clock: Clock): QrRelay => {
  const shown = new Map<string, { readonly companyId: string; readonly code: ShownCode }>()
  const all = () => {
    for (const [key, { code }] of shown) if (Date.parse(code.expiresAt) <= clock.now()) shown.delete(key)
    return [...shown.values()]
  }
  return {
    all,
    publish: (companyId, code) => void shown.set(`${code.sessionId} ${code.action}`, { companyId, code }),
    became: (sessionId, status) => {
      for (const [key, { code }] of shown)
        if (code.sessionId === sessionId && OF_USE[code.action] !== status) shown.delete(key)
    },
    current: companyId =>
      all()
        .filter(one => one.companyId === companyId)
        .map(({ code }) => code),
  }
}
