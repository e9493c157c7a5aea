import type { Clock } from '../shared/clock.ts'

export type ShownQr = { readonly sessionId: string; readonly qr: string; readonly expiresAt: string }

/** The QR code of each session as it is now, for whoever comes while it is shown. It is written nowhere. */
export type QrRelay = {
  publish(companyId: string, qr: ShownQr): void
  current(companyId: string): ShownQr[]
  /** All that are shown now, of every company. */
  all(): (ShownQr & { readonly companyId: string })[]
  /** The session needs no code any more. */
  settled(sessionId: string): void
}

export const createQrRelay = (clock: Clock): QrRelay => {
  const shown = new Map<string, ShownQr & { readonly companyId: string }>()
  const all = () => {
    for (const [id, { expiresAt }] of shown) if (Date.parse(expiresAt) <= clock.now()) shown.delete(id)
    return [...shown.values()]
  }
  return {
    all,
    publish: (companyId, qr) => void shown.set(qr.sessionId, { companyId, ...qr }),
    settled: sessionId => void shown.delete(sessionId),
    current: companyId =>
      all()
        .filter(one => one.companyId === companyId)
        .map(({ sessionId, qr, expiresAt }) => ({ sessionId, qr, expiresAt })),
  }
}
