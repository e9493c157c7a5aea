import { z } from 'zod'
import { TEMPLATE_FILES } from '../../shared/template-parts.ts'
import type { ContactCard, FilledButton, FilledHeader, OutboundContent } from '../provider.ts'

/** A message as it travels to the simulated network: what the port says, with the file's parts sent before it by number. */
const target = z.object({ providerMessageId: z.string(), fromMe: z.boolean() })
const body = z.string()
const file = z.object({
  type: z.enum(TEMPLATE_FILES),
  upload: z.int(),
  mime: z.string(),
  name: z.string().optional(),
})
type Plain = Exclude<FilledHeader, { readonly media: unknown }>

export const simulatedOutbound = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), body }),
  z.object({
    kind: z.enum(['image', 'video', 'audio', 'voice', 'document', 'sticker']),
    body,
    upload: z.int(),
    mime: z.string(),
    name: z.string().optional(),
  }),
  z.object({
    kind: z.literal('location'),
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  z.object({
    kind: z.literal('contacts'),
    cards: z.array(z.custom<ContactCard>(v => typeof v === 'object')),
  }),
  z.object({
    kind: z.literal('interactive'),
    body,
    choices: z.custom<(OutboundContent & { kind: 'interactive' })['choices']>(v => typeof v === 'object'),
  }),
  z.object({
    kind: z.literal('template'),
    name: z.string(),
    language: z.string(),
    parameters: z.array(z.string()),
    body,
    /** A file's stands for it by number. */
    header: z.union([file, z.custom<Plain>(v => typeof v === 'object')]).optional(),
    buttons: z.array(z.custom<FilledButton>(v => typeof v === 'object')).optional(),
  }),
  z.object({ kind: z.literal('reaction'), target, emoji: z.string() }),
  z.object({ kind: z.literal('edit'), target, body }),
  z.object({ kind: z.literal('revoke'), target }),
])
export type SimulatedOutbound = z.output<typeof simulatedOutbound>

/** `upload`: the number under which the parts of its file were sent. */
export const simulatedOutboundOf = (content: OutboundContent, upload: number): SimulatedOutbound => {
  switch (content.kind) {
    case 'text':
      return { kind: content.kind, body: content.body }
    case 'location': {
      const { kind, latitude, longitude, name, address } = content
      return { kind, latitude, longitude, name, address }
    }
    case 'contacts':
      return { kind: content.kind, cards: [...content.cards] }
    case 'interactive':
      return { kind: content.kind, body: content.body, choices: content.choices }
    case 'template': {
      const { kind, name, language, parameters, header, buttons } = content
      return {
        ...{ kind, name, language, parameters: [...parameters], body: content.body },
        ...(header ? { header: headerOf(header, upload) } : {}),
        ...(buttons ? { buttons: [...buttons] } : {}),
      }
    }
    case 'reaction':
      return { kind: content.kind, target: keyOf(content.target), emoji: content.emoji }
    case 'edit':
      return { kind: content.kind, target: keyOf(content.target), body: content.body }
    case 'revoke':
      return { kind: content.kind, target: keyOf(content.target) }
    case 'audio':
    case 'document':
    case 'image':
    case 'sticker':
    case 'video':
    case 'voice': {
      const { kind, media } = content
      return { kind, body: content.body, upload, mime: media.mime, name: media.name }
    }
  }
}

const headerOf = (header: FilledHeader, upload: number): z.output<typeof file> | Plain =>
  'media' in header ? { type: header.type, upload, mime: header.media.mime, name: header.media.name } : header

const keyOf = ({ providerMessageId, fromMe }: z.output<typeof target>) => ({ providerMessageId, fromMe })
