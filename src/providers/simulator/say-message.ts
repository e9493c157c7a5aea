import type { OutboundMedia, OutboundMessage } from '../provider.ts'
import type { ToNetwork } from './frames.ts'
import { simulatedOutboundOf } from './outbound-frame.ts'
import type { Wire } from './wire.ts'

/** A frame of a file's bytes, before base64. */
const PART_BYTES_MAX = 192 * 1024

/** Says a file in pieces, each only when the one before has left. @throws what reading it throws. */
export const sayFile = async (wire: Wire<ToNetwork>, upload: number, media: OutboundMedia): Promise<void> => {
  for await (const bytes of await media.open()) {
    for (let at = 0; at < bytes.length; at += PART_BYTES_MAX) {
      const piece = Buffer.from(bytes.subarray(at, at + PART_BYTES_MAX))
      wire.say({ t: 'part', upload, base64: piece.toString('base64') })
      await wire.flushed()
    }
  }
}

export const sendFrame = (id: number, message: OutboundMessage, upload: number): ToNetwork => ({
  t: 'send',
  id,
  ref: message.ref,
  to: [...message.to],
  content: simulatedOutboundOf(message, upload),
  ...(message.quoted ? { quoted: message.quoted.providerMessageId } : {}),
})
