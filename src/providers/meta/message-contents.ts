import { attachmentContent, type Content } from './attachment-content.ts'
import { attachment, type MessagePart } from './messaging-schema.ts'

/**
 * What a message of Messenger or Instagram says: usually one thing; with several files one each, since a message of ours
 * has one file. Words stand with the first file, or come before what has words of its own.
 */
export const contentsOf = (message: MessagePart): readonly Content[] => {
  const { text = '', quick_reply: chosen } = message
  if (chosen)
    return [{ kind: 'interactive', text, details: { type: 'quick_reply', id: chosen.payload, title: text } }]
  const sticker = typeof message.sticker_id === 'string'
  const attached = (message.attachments ?? []).map(raw => {
    const known = attachment.safeParse(raw)
    return known.success
      ? attachmentContent(known.data, sticker)
      : ({ kind: 'unsupported', text: 'unsupported: attachment' } as const)
  })
  const [first, ...rest] = attached
  const said = aroundOf(message)
  if (!first) {
    if (text === '') return [{ kind: 'unsupported', text: 'unsupported: message' }]
    return [{ kind: 'text', text, ...said }]
  }
  if (text === '') return [{ ...first, ...detailed(first, said) }, ...rest]
  if (first.media) return [{ ...first, text, ...detailed(first, said) }, ...rest]
  // The preview of a link repeats what the text says already.
  if (first.kind === 'text') return [{ kind: 'text', text, ...detailed(first, said) }, ...rest]
  return [{ kind: 'text', text, ...said }, ...attached]
}

type Said = { readonly details?: NonNullable<Content['details']> }

const detailed = (content: Content, said: Said): Said =>
  content.details || said.details ? { details: { ...content.details, ...said.details } } : {}

/** What a message answers, or came from, beside what it says. */
const aroundOf = ({ reply_to: reply, referral }: MessagePart): Said => {
  const story = reply?.story
  if (!story && !referral) return {}
  return { details: { ...(story ? { story } : {}), ...(referral ? { referral } : {}) } }
}
