import { z } from 'zod'
import { PAGE_CHOICES } from '../choice-limits.ts'
import { PLAIN_CAPABILITIES } from '../plain-capabilities.ts'
import { HUMAN_AGENT_HOURS, type PageChannel } from '../meta/page-channel.ts'

const MIB = 1024 * 1024
const TEXT_BYTES_MAX = 1_000
const page = z.looseObject({
  id: z.string(),
  instagram_business_account: z.looseObject({ id: z.string(), username: z.string().optional() }).optional(),
})

/** Instagram's direct messages, of a professional account that is linked to a page. */
export const instagramChannel: PageChannel = {
  kind: 'instagram',
  capabilities: {
    ...PLAIN_CAPABILITIES,
    // No voice notes: Instagram takes none of ogg, as which they are recorded. No reactions: it takes a heart only.
    kinds: ['text', 'image', 'video', 'audio', 'document', 'interactive'],
    quotes: false,
    readReceipts: true,
    typing: true,
    pairing: ['token'],
    // Bytes; a text with other than plain letters may be shorter. What is too long is refused before it is sent.
    textLengthMax: TEXT_BYTES_MAX,
    mediaBytesMax: { image: 8 * MIB, video: 25 * MIB, audio: 25 * MIB, document: 25 * MIB },
    mediaTypes: {
      image: ['image/jpeg', 'image/png', 'image/gif'],
      video: ['video/mp4', 'video/ogg', 'video/quicktime', 'video/webm', 'video/x-msvideo'],
      audio: ['audio/aac', 'audio/mp4', 'audio/x-m4a', 'audio/wav'],
      document: ['application/pdf'],
    },
    choices: { ...PAGE_CHOICES, buttons: { ...PAGE_CHOICES.buttons, bodyMax: TEXT_BYTES_MAX } },
    windowHours: 24,
    humanAgentHours: HUMAN_AGENT_HOURS,
  },
  // Instagram's own fields are chosen for the app as a whole; the page must be subscribed to anything at all.
  subscribedFields: ['messages'],
  permissions: ['instagram_basic', 'instagram_manage_messages', 'pages_manage_metadata'],
  uploadFields: { platform: 'instagram' },
  accountFields: 'id,instagram_business_account%7Bid,username%7D',
  accountOf(answer, pageId) {
    const account = page.safeParse(answer).data?.instagram_business_account
    return account?.id === pageId ? { name: account.username ?? null } : null
  },
  textRefusal(text) {
    const bytes = Buffer.byteLength(text)
    return bytes > TEXT_BYTES_MAX ? `${bytes} bytes; Instagram takes ${TEXT_BYTES_MAX}` : null
  },
  profileFields: 'name,username',
}
