import { createHash, randomUUID } from 'node:crypto'
import { fileIn } from './outbound.ts'
import type { Seen, Written } from '../../../src/providers/contract/stage.ts'
import type { OutboundKind } from '../../../src/providers/provider.ts'
import type { GraphServer } from './server.ts'
import type { SentMessage } from './types.ts'

/** The customer of a business number: what they do as Meta tells it, and what they see of what was sent to them. */
type Said = Exclude<Written, { kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' }>
type File = Exclude<Written, Said>

/** The part of a message that stands under the name of its type, with its type. */
export const partOf = async (
  written: Written,
  graph: Pick<GraphServer, 'addMedia'>,
): Promise<Record<string, unknown>> => ('bytes' in written ? fileOf(written, graph) : saidOf(written))

const fileOf = (written: File, graph: Pick<GraphServer, 'addMedia'>) => {
  const id = randomUUID()
  graph.addMedia(id, written.mime, written.bytes)
  const type = written.kind === 'voice' ? 'audio' : written.kind
  return {
    type,
    [type]: {
      id,
      mime_type: written.mime,
      sha256: createHash('sha256').update(written.bytes).digest('base64'),
      ...(written.kind === 'voice' ? { voice: true } : {}),
      ...(written.text === undefined ? {} : { caption: written.text }),
      ...(written.name === undefined ? {} : { filename: written.name }),
    },
  }
}

const saidOf = (written: Said): Record<string, unknown> => {
  switch (written.kind) {
    case 'text':
      return {
        type: 'text',
        text: { body: written.text },
        ...(written.quoted === undefined ? {} : { context: { from: '551155550100', id: written.quoted } }),
      }
    case 'location': {
      const { latitude, longitude, name } = written
      return { type: 'location', location: { latitude, longitude, name } }
    }
    case 'contacts': {
      const { name, phones } = written.card
      return {
        type: 'contacts',
        contacts: [
          { name: { formatted_name: name, first_name: name }, phones: phones.map(phone => ({ phone })) },
        ],
      }
    }
    case 'interactive': {
      const { id, title } = written
      return { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id, title } } }
    }
    case 'unsupported':
      return {
        type: 'unsupported',
        errors: [{ code: 131051, title: 'Message type unknown' }],
        unsupported: { type: 'poll_creation' },
      }
    case 'reaction': {
      const { target, emoji } = written
      return { type: 'reaction', reaction: { message_id: target, ...(emoji === '' ? {} : { emoji }) } }
    }
    case 'edit':
      return {
        type: 'edit',
        edit: {
          original_message_id: written.target,
          message: { type: 'text', text: { body: written.text } },
        },
      }
    case 'revoke':
      return { type: 'revoke', revoke: { original_message_id: written.target } }
  }
}

type Part = Partial<{
  id: string
  body: string | { text: string }
  caption: string
  voice: boolean
  message_id: string
  emoji: string
  latitude: number
  longitude: number
  name: string
  action: { buttons?: { reply: { title: string } }[]; sections?: { rows: { title: string }[] }[] }
  components: { parameters: { text?: string }[] }[]
}>

export const seenOf = ({ id, body }: SentMessage, graph: Pick<GraphServer, 'media'>): Seen => {
  const type = String(body['type'])
  const raw = body[type]
  const part = (Array.isArray(raw) ? {} : raw) as Part
  const cards = Array.isArray(raw)
    ? raw.map((c: { name: { formatted_name: string } }) => c.name.formatted_name)
    : null
  const fileId = fileIn(part)
  const file = fileId === undefined ? undefined : graph.media.get(fileId)?.bytes
  const quoted = (body['context'] as { message_id: string } | undefined)?.message_id
  const target = part.message_id ?? quoted
  const { action } = part
  return {
    providerMessageId: id,
    kind: (type === 'audio' && part.voice ? 'voice' : type) as OutboundKind,
    body: part.caption ?? (typeof part.body === 'string' ? part.body : (part.body?.text ?? '')),
    ...(file ? { file } : {}),
    ...(target === undefined ? {} : { target }),
    ...(part.emoji === undefined ? {} : { emoji: part.emoji }),
    ...(part.latitude === undefined ? {} : { latitude: part.latitude, longitude: part.longitude ?? NaN }),
    ...(cards ? { cards } : {}),
    ...(action
      ? {
          choices:
            action.buttons?.map(b => b.reply.title) ??
            action.sections?.flatMap(s => s.rows.map(r => r.title)) ??
            [],
        }
      : {}),
    ...(type === 'template'
      ? {
          template: [
            part.name ?? '',
            ...(part.components ?? []).flatMap(c => c.parameters.flatMap(p => p.text ?? [])),
          ],
        }
      : {}),
  }
}
