import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { Connection, ConnectOptions, Provider } from '../provider.ts'
import { BAILEYS_CAPABILITIES } from './capabilities.ts'
import { openDevice } from './device.ts'
import { quickAgreement } from './quick-agreement.ts'
import { quietLibsignal } from './quiet-libsignal.ts'
import type { LocalWhatsApp } from './socket.ts'
import { RESEND_MS_MAX } from './undecryptable.ts'

/** How long WhatsApp's word that it has a message is waited for. */
const ACK_MS_MAX = 20_000

export type BaileysOptions = {
  readonly clock: Clock
  readonly log: Log
  /** Instead of WhatsApp; process-wide. */
  readonly local?: LocalWhatsApp | null
  readonly ackMsMax?: number
  /** How long each QR code is shown. */
  readonly qrMs?: number
  /** How long a message that cannot be opened is waited for before it is shown as such. */
  readonly resendMsMax?: number
}

/** WhatsApp by a linked device, as the multi-device protocol of WhatsApp Web. */
export const baileysProvider = (options: BaileysOptions): Provider => {
  quietLibsignal()
  quickAgreement()
  return {
    kind: 'baileys',
    capabilities: BAILEYS_CAPABILITIES,
    connect: async (connect: ConnectOptions): Promise<Connection> => {
      if (!connect.store) throw new Error('a linked device needs a place for its keys')
      return openDevice({
        ...connect,
        store: connect.store,
        clock: options.clock,
        log: options.log.child({ companyId: connect.companyId, sessionId: connect.sessionId }),
        local: options.local ?? null,
        ackMsMax: options.ackMsMax ?? ACK_MS_MAX,
        ...(options.qrMs ? { qrMs: options.qrMs } : {}),
        resendMsMax: options.resendMsMax ?? RESEND_MS_MAX,
      })
    },
  }
}
