import { must } from '../../shared/must.ts'
import { WHATSAPP_CHOICES } from '../choice-limits.ts'
import type { OutboundContent, SendResult } from '../provider.ts'
import { refusal } from '../refusal.ts'

/** Limits of Meta's that the port does not know. Beyond them Meta refuses with a bare 100, so we say which it is. */
const CAPTION_LENGTH_MAX = 1_024
const CARDS_MAX = 257
const BUTTONS = { ...WHATSAPP_CHOICES.buttons, idMax: 256 } as const
const LIST = { ...must(WHATSAPP_CHOICES.list, 'its lists'), idMax: 200 } as const

type Choices = (OutboundContent & { kind: 'interactive' })['choices']

/** What of Meta's own limits this breaks; `null`: none. */
export const contentRefusal = (content: OutboundContent): SendResult | null => {
  const broken = brokenLimit(content)
  return broken === null ? null : refusal('invalid-content', broken)
}

const brokenLimit = (content: OutboundContent): string | null => {
  if ('media' in content && content.body.length > CAPTION_LENGTH_MAX)
    return `a caption has at most ${CAPTION_LENGTH_MAX} characters`
  if (content.kind === 'contacts' && (content.cards.length === 0 || content.cards.length > CARDS_MAX))
    return `from one to ${CARDS_MAX} cards`
  if (content.kind !== 'interactive') return null
  if (content.body === '') return 'choices need a text'
  const { choices } = content
  if (choices.type === 'buttons' && content.body.length > BUTTONS.bodyMax)
    return `above buttons a text has at most ${BUTTONS.bodyMax} characters`
  return brokenChoice(choices)
}

const brokenChoice = (choices: Choices): string | null => {
  if (choices.type === 'buttons') {
    const { buttons } = choices
    if (buttons.length === 0 || buttons.length > BUTTONS.max) return `from one to ${BUTTONS.max} buttons`
    return brokenWords(buttons, BUTTONS.titleMax, BUTTONS.idMax)
  }
  const rows = choices.sections.flatMap(section => section.rows)
  if (rows.length === 0 || rows.length > LIST.rowsMax) return `from one to ${LIST.rowsMax} rows in all`
  if (choices.sections.length > LIST.sectionsMax) return `at most ${LIST.sectionsMax} sections`
  if (choices.sections.some(({ rows: inIt }) => inIt.length === 0)) return 'a section without rows'
  if (choices.sections.length > 1 && choices.sections.some(({ title }) => title === ''))
    return 'where there are several sections, each needs a title'
  if (choices.sections.some(({ title }) => title.length > LIST.titleMax))
    return `a section’s title has at most ${LIST.titleMax} characters`
  if (choices.button === '' || choices.button.length > LIST.openerMax)
    return `the list’s button has from one to ${LIST.openerMax} characters`
  if (rows.some(({ description = '' }) => description.length > LIST.descriptionMax))
    return `a row’s description has at most ${LIST.descriptionMax} characters`
  return brokenWords(rows, LIST.titleMax, LIST.idMax)
}

const brokenWords = (
  chosen: readonly { readonly id: string; readonly title: string }[],
  titleMax: number,
  idMax: number,
): string | null => {
  if (chosen.some(({ title }) => title === '' || title.length > titleMax))
    return `a title has from one to ${titleMax} characters`
  if (chosen.some(({ id }) => id === '' || id.length > idMax))
    return `an id has from one to ${idMax} characters`
  if (new Set(chosen.map(({ id }) => id)).size < chosen.length) return 'two choices with the same id'
  return null
}
