import type { z } from 'zod'
import type { InboundItem, InboundKind, InboundMedia, InboundMessage } from '../provider.ts'
import type { simulatedInbound } from './frames.ts'
import { simulatedAddress, simulatedParty } from './party.ts'

type Written = z.output<typeof simulatedInbound>

const kindOfMime = (mime: string): InboundKind => {
  const family = mime.split('/')[0]
  if (mime === 'image/webp') return 'sticker'
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

/** What a phone wrote, as the provider port says it. @throws SimulatorFault for a sender that is none. */
export const inboundItem = (
  written: Written,
  made: { id: string; now: string; account: string; media?: InboundMedia },
): InboundItem & { item: 'message' } => {
  const author = written.fromMe
    ? { addresses: [{ kind: 'username' as const, value: made.account }] }
    : simulatedParty(written.from, written.name)
  const base = {
    providerMessageId: made.id,
    chat: written.group
      ? {
          addresses: [{ kind: 'group' as const, value: written.group.id }],
          ...named(written.group.name),
          group: true,
        }
      : { addresses: [simulatedAddress(written.from)], ...named(written.name), group: false },
    author,
    sentAt: written.at ?? made.now,
    late: false,
    fromMe: written.fromMe ?? false,
  }
  return { item: 'message', message: bodyOf(written, base, made.media) }
}

const named = (name: string | undefined) => (name === undefined ? {} : { name })

type Base = Pick<InboundMessage, 'providerMessageId' | 'chat' | 'author' | 'sentAt' | 'late' | 'fromMe'>

const bodyOf = (written: Written, base: Base, media: InboundMedia | undefined): InboundMessage => {
  if (written.reaction) return { type: 'reaction', ...base, ...written.reaction }
  if (written.edit) return { type: 'edit', ...base, ...written.edit }
  if (written.revoke) return { type: 'revoke', ...base, ...written.revoke }
  const { media: _bytes, ...raw } = written
  return {
    type: 'message',
    ...base,
    kind: written.kind ?? (media ? kindOfMime(media.mime) : 'text'),
    text: written.text ?? '',
    ...(media ? { media } : {}),
    ...(written.details === undefined ? {} : { details: written.details }),
    ...(written.quotedId === undefined ? {} : { quotedProviderMessageId: written.quotedId }),
    raw: { ...raw, id: base.providerMessageId },
  }
}
