import { keyedId } from '../shared/ids.ts'
import type { Vault } from '../vault/port.ts'

/**
 * For which number each session is to ask a pairing code. A queue may lie open in another house: it is told which request to
 * look up here, and nobody's number.
 */
export const pairingDesk = (vault: Vault, secretKey: Buffer) => ({
  /** Answers what the request is called; the same one while the same is asked for. */
  leave: async (sessionId: string, phone: string): Promise<string> => {
    const request = keyedId(secretKey, 'pairing', sessionId, phone)
    await vault.write([{ put: ['pairing-requests', sessionId, JSON.stringify({ request, phone })] }])
    return request
  },
  /** The number, once; `null`: another was asked for since, or it was taken already. */
  take: async (sessionId: string, request: string): Promise<string | null> => {
    let phone: string | null = null
    await vault.update('pairing-requests', sessionId, current => {
      const left = current === null ? null : (JSON.parse(current) as { request: string; phone: string })
      phone = left?.request === request ? left.phone : null
      return phone === null ? undefined : null
    })
    return phone
  },
})
