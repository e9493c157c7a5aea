import type { OutboundContent, OutboundKind, OutboundMedia } from './provider.ts'

/** The file that a message carries, and as what: a template's stands in its header. `null`: none. */
export const mediaOf = (
  content: OutboundContent,
): { readonly kind: OutboundKind; readonly media: OutboundMedia } | null => {
  if ('media' in content) return { kind: content.kind, media: content.media }
  if (content.kind !== 'template' || !content.header || !('media' in content.header)) return null
  return { kind: content.header.type, media: content.header.media }
}
