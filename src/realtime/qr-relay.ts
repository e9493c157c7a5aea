import type { Clock } from '../shared/clock.ts'

type ToLink = { readonly sessionId: string; readonly expiresAt: string }
/** What links a session: a QR code to scan, or a code to type into the phone. */
export type ShownCode =
  | (ToLink & { readonly action: 'qr'; readonly qr: string })
  | (ToLink & { readonly action: 'pairingCode'; readonly pairingCode: string })

/** The codes of each session as they are now, one of each sort, for whoever comes while they are shown. They are written nowhere. */
export type QrRelay = {
  publish(companyId: string, code: ShownCode): void
  current(companyId: string): ShownCode[]
  /** All that are shown now, of every company. */
  all(): { readonly companyId: string; readonly code: ShownCode }[]
  /** The session needs no code any more. */
  settled(sessionId: string): void
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
    settled: sessionId => {
      for (const [key, { code }] of shown) if (code.sessionId === sessionId) shown.delete(key)
    },
    current: companyId =>
      all()
        .filter(one => one.companyId === companyId)
        .map(({ code }) => code),
  }
}
