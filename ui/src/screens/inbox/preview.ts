import type { Message, Ticket } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'

/** A message without words is named by its kind. */
export const kindName = (kind: Message['kind']): string => t(`kind.${kind}`)

/** The last message in one line. */
export const previewOf = (last: Ticket['lastMessage']): string => {
  if (!last) return t('preview.none')
  const words = last.preview.trim()
  if (last.kind === 'text' || last.kind === 'interactive') return words
  return words ? `${kindName(last.kind)} · ${words}` : kindName(last.kind)
}
