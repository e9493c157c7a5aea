import { createSignal } from 'solid-js'

/** What a phone has to scan now, and until when it may. */
export type ShownCode = { readonly qr: string; readonly expiresAt: string }

const [codes, setCodes] = createSignal<Readonly<Record<string, ShownCode>>>({})

/** The latest code of each channel that is being linked: each replaces the one before. */
export const codeOf = (sessionId: string): ShownCode | undefined => codes()[sessionId]
export const showCode = (sessionId: string, { qr, expiresAt }: ShownCode): void =>
  void setCodes(all => ({ ...all, [sessionId]: { qr, expiresAt } }))
