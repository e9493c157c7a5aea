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

  const kept = (file: { upload: number; mime: string; name?: string | undefined }): Sent['media'] & {} => {
    const { providerMediaId, ...about } = shelf.keep({
      mime: file.mime,
      name: file.name,
      base64: Buffer.concat(uploads.get(file.upload) ?? []).toString('base64'),
    })
    uploads.delete(file.upload)
    return { ...about, mediaId: providerMediaId }
  }

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
        const { name, language, parameters, header, buttons } = said
        const details = { name, language, parameters, ...(buttons ? { buttons } : {}) }
        if (!header) return { body: said.body, details }
        if (!('upload' in header)) return { body: said.body, details: { ...details, header } }
        return {
          body: said.body,
          details: { ...details, header: { type: header.type } },
          media: kept(header),
        }
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
        return { body: said.body, media: kept(said) }
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
