import type { PeerWord } from './peers.ts'
import type { ShownCode } from './qr-relay.ts'

/** A code as one process tells it to the others. */
export const wordOf = (node: string, companyId: string, code: ShownCode): PeerWord => {
  const { sessionId, expiresAt } = code
  return code.action === 'qr'
    ? { t: 'qr', node, companyId, sessionId, qr: code.qr, expiresAt }
    : { t: 'pairingCode', node, companyId, sessionId, pairingCode: code.pairingCode, expiresAt }
}

/** What another process told, if it was a code. */
export const codeOf = (word: PeerWord): { readonly companyId: string; readonly code: ShownCode } | null => {
  if (word.t !== 'qr' && word.t !== 'pairingCode') return null
  const { companyId, sessionId, expiresAt } = word
  const code: ShownCode =
    word.t === 'qr'
      ? { action: 'qr', sessionId, qr: word.qr, expiresAt }
      : { action: 'pairingCode', sessionId, pairingCode: word.pairingCode, expiresAt }
  return { companyId, code }
}

/** The code itself, by which one that was told before is known. */
export const textOf = (code: ShownCode): string => (code.action === 'qr' ? code.qr : code.pairingCode)
