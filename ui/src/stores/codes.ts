import { createSignal } from 'solid-js'

/** What a phone has to scan now, and until when it may. */
export type ShownCode = { readonly qr: string; readonly expiresAt: string }
/** What is to be typed into the phone, once somebody asked for it. */
export type TypedCode = { readonly pairingCode: string; readonly expiresAt: string }
/** When a lost connection is tried again: at `expiresAt`, for the `attempt`-th time. */
export type NextTry = { readonly attempt: number; readonly attemptsMax: number; readonly expiresAt: string }

const createCodes = <C>() => {
  const [codes, setCodes] = createSignal<Readonly<Record<string, C>>>({})
  return {
    of: (sessionId: string): C | undefined => codes()[sessionId],
    show: (sessionId: string, code: C): void => void setCodes(all => ({ ...all, [sessionId]: code })),
  }
}

/** The latest code of each channel that is being linked: each replaces the one before. */
export const scanned = createCodes<ShownCode>()
export const typed = createCodes<TypedCode>()
export const retries = createCodes<NextTry>()
