import { randomUUID } from 'node:crypto'
import type { LinkFrame } from './frames.ts'
import type { MediaShelf } from './media-shelf.ts'
import type { SimulatedOutbound } from './outbound-frame.ts'
import { addressText } from './party.ts'
import type { Sent } from './sent-log.ts'

type SendFrame = Extract<LinkFrame, { t: 'send' }>
type Refused = { code: string; reason: string; retryable: boolean }

/** What one link is handing over: the parts of files first, then the message that they belong to. */
export const createOutbox = (shelf: MediaShelf) => {
  const uploads = new Map<number, Buffer[]>()

  const contentOf = (said: SimulatedOutbound): Pick<Sent, 'body'> & Partial<Sent> => {
    switch (said.kind) {
      case 'location':
      case 'contacts': {
        const { kind: _kind, ...details } = said
        return { body: '', details }
      }
      case 'interactive':
        return { body: said.body, details: { choices: said.choices } }
      case 'template': {
        const { name, language, parameters } = said
        return { body: said.body, details: { name, language, parameters } }
      }
      case 'reaction':
        return { body: '', target: said.target.providerMessageId, emoji: said.emoji }
      case 'edit':
        return { body: said.body, target: said.target.providerMessageId }
      case 'revoke':
        return { body: '', target: said.target.providerMessageId }
      case 'text':
        return { body: said.body }
      case 'audio':
      case 'document':
      case 'image':
      case 'sticker':
      case 'video':
      case 'voice': {
        const { providerMediaId, ...file } = shelf.keep({
          mime: said.mime,
          name: said.name,
          base64: Buffer.concat(uploads.get(said.upload) ?? []).toString('base64'),
        })
        uploads.delete(said.upload)
        return { body: said.body, media: { ...file, mediaId: providerMediaId } }
      }
    }
  }

  return {
    part({ upload, base64 }: Extract<LinkFrame, { t: 'part' }>) {
      const parts = uploads.get(upload) ?? []
      uploads.set(upload, parts)
      parts.push(Buffer.from(base64, 'base64'))
    },
    /** The message as the customer gets it, or why not. @throws SimulatorFault for a file that is too large. */
    take(frame: SendFrame, at: string): Sent | Refused {
      const [to] = frame.to
      if (!to || (to.kind === 'phone' && !/^\d{7,15}$/.test(to.value)))
        return { code: 'invalid-recipient', reason: 'not a phone number', retryable: false }
      return {
        messageId: `sim.${randomUUID()}`,
        ref: frame.ref,
        to: addressText(to),
        kind: frame.content.kind,
        at,
        ...(frame.quoted === undefined ? {} : { quotedId: frame.quoted }),
        ...contentOf(frame.content),
      }
    },
    /** The link is gone, and with it what it had not finished. */
    clear: () => uploads.clear(),
  }
}
