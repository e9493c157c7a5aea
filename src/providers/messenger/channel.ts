import { z } from 'zod'
import { PAGE_CHOICES } from '../choice-limits.ts'
import { PLAIN_CAPABILITIES } from '../plain-capabilities.ts'
import { HUMAN_AGENT_HOURS, type PageChannel } from '../meta/page-channel.ts'

const MIB = 1024 * 1024
const TEXT_LENGTH_MAX = 2_000
const page = z.looseObject({ id: z.string(), name: z.string().optional() })

/** Facebook Messenger. */
export const messengerChannel: PageChannel = {
  kind: 'messenger',
  capabilities: {
    ...PLAIN_CAPABILITIES,
    kinds: ['text', 'image', 'video', 'audio', 'voice', 'document', 'interactive', 'reaction'],
    quotes: true,
    readReceipts: true,
    typing: true,
    pairing: ['token'],
    textLengthMax: TEXT_LENGTH_MAX,
    mediaBytesMax: {
      image: 25 * MIB,
      video: 25 * MIB,
      audio: 25 * MIB,
      voice: 25 * MIB,
      document: 25 * MIB,
    },
    mediaTypes: {
      image: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
      video: ['video/*'],
      audio: ['audio/*'],
      voice: ['audio/*'],
    },
    choices: PAGE_CHOICES,
    windowHours: 24,
    humanAgentHours: HUMAN_AGENT_HOURS,
  },
  subscribedFields: [
    'messages',
    'messaging_postbacks',
    'message_echoes',
    'message_deliveries',
    'message_reads',
    'message_reactions',
    'message_edits',
    'messaging_referrals',
    'messaging_handovers',
    'standby',
  ],
  permissions: ['pages_messaging', 'pages_manage_metadata'],
  uploadFields: {},
  accountFields: 'id,name',
  accountOf(answer, pageId) {
    const said = page.safeParse(answer).data
    return said?.id === pageId ? { name: said.name ?? null } : null
  },
  textRefusal: text =>
    text.length > TEXT_LENGTH_MAX ? `${text.length} characters; Messenger takes ${TEXT_LENGTH_MAX}` : null,
  profileFields: 'first_name,last_name,name',
}
