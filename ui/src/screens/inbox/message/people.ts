import type { Message, Ticket } from '../../../api/index.ts'
import { t } from '../../../i18n/index.ts'
import { threadOf } from '../../../stores/threads.ts'

/** Who wrote a message, as a reader would name them. */
export const authorOf = ({ fromMe, sentBy }: Message, contact: string): string => {
  if (!fromMe) return sentBy?.name ?? contact
  if (sentBy?.kind === 'device') return t('sentBy.device')
  return sentBy?.name ?? t('sentBy.system')
}

/** Who reacted. In a group a member's name is known once something of theirs was read. */
export const whoReacted = (
  { fromMe, authorId }: Message['reactions'][number],
  { id, isGroup }: Ticket,
  contact: string,
): string => {
  if (fromMe) return t('quote.us')
  if (!isGroup) return contact
  const theirs = threadOf(id)?.items.find(item => !item.fromMe && item.sentBy?.id === authorId)
  return theirs?.sentBy?.name ?? t('quote.them')
}
