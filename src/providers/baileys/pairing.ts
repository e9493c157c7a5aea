import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys'
import type { ConnectionState } from '../provider.ts'

/** As long as a line shows QR codes: the link gives up after the same time. */
const CODE_LIFE_MS = 150_000
/** A QR code that comes right after a code was typed is held back: the pairing may be about to be done. */
const HELD_BACK_QRS_MAX = 1

/**
 * QR codes, and codes to type, of a device that is not linked yet. A line to WhatsApp lasts as long as the QR codes that it
 * was given; a code to type that is asked for late would die with it. And a code that is typed, right or wrong, changes
 * the secret that the QR codes of its line carry. So each request begins a new line, whose QR codes go on being shown
 * beside the code; and a line whose QR codes are worth nothing any more is replaced.
 */
export const createPairing = (tools: {
  readonly creds: AuthenticationCreds
  /** A new line instead of the present one. */
  begin(): WASocket
  /** Whether this line is the present one, and still waits to be linked. */
  isNow(line: WASocket): boolean
  tell(state: ConnectionState): void
  readonly qrMs: number
}) => {
  const { creds, tell } = tools
  let secret = creds.advSecretKey
  let heldBack = 0
  let waiting: { readonly shown: () => void; readonly gone: (why: Error) => void } | null = null

  const over = (): void => {
    waiting?.gone(new Error('the line went before there was a code'))
    waiting = null
  }
  const renew = (): WASocket => {
    over()
    // Half a pairing would be taken for a whole one: the new line would log in instead of asking to be linked.
    delete creds.me
    secret = creds.advSecretKey
    heldBack = 0
    return tools.begin()
  }
  return {
    /** The line ended. */
    over,
    onQr(qr: string): void {
      waiting?.shown()
      waiting = null
      if (creds.advSecretKey === secret) return tell({ state: 'awaiting-scan', qr, expiresInMs: tools.qrMs })
      heldBack += 1
      if (heldBack > HELD_BACK_QRS_MAX) renew()
    },
    /** @throws Error when the device is linked already, or the line goes meanwhile. */
    async request(phone: string): Promise<void> {
      if (creds.account) throw new Error('there is nothing to pair')
      const line = renew()
      // WhatsApp takes the question once it has offered to link at all.
      await new Promise<void>((shown, gone) => (waiting = { shown, gone }))
      const pairingCode = await line.requestPairingCode(phone)
      if (!tools.isNow(line)) throw new Error('the line went before its code was shown')
      tell({ state: 'awaiting-scan', pairingCode, expiresInMs: CODE_LIFE_MS })
    },
  }
}
