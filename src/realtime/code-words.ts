import type { PeerWord } from './peers.ts'
import type { ShownCode } from './qr-relay.ts'

/** A code as one process tells it to the others. */
export const wordOf = (node: string, companyId: string, code: ShownCode): PeerWord => {
  const { action: t, ...shown } = code
  return { ...shown, t, node, companyId } as PeerWord
}

/** What another process told, if it was a code. */
export const codeOf = (word: PeerWord): { readonly companyId: string; readonly code: ShownCode } | null => {
  if (word.t !== 'qr' && word.t !== 'pairingCode' && word.t !== 'retry') return null
  const { t: action, node: _, companyId, ...shown } = word
  return { companyId, code: { ...shown, action } as ShownCode }
}

/** The code itself, by which one that was told before is known. */
export const textOf = (code: ShownCode): string => {
  switch (code.action) {
    case 'qr':
      return code.qr
    case 'pairingCode':
      return code.pairingCode
    case 'retry':
      return `${code.attempt} ${code.expiresAt}`
  }
}
