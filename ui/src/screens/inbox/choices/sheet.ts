import type { Capabilities, Choices } from '../../../api/index.ts'

/** What is being written: buttons and list beside each other, so that changing one's mind loses nothing. */
export type Row = { readonly key: string; title: string; description: string; section: number }
export type Sheet = {
  type: Choices['type']
  question: string
  buttons: Row[]
  opener: string
  /** Titles; a list of one section shows none. */
  sections: string[]
  rows: Row[]
}
export type Limits = NonNullable<Capabilities['choices']>

export const emptyRow = (section = 0): Row => ({
  ...{ key: crypto.randomUUID(), title: '', description: '', section },
})
export const emptySheet = (question = ''): Sheet => ({
  ...{ type: 'buttons', question, opener: '' },
  buttons: [emptyRow(), emptyRow()],
  sections: [''],
  rows: [emptyRow(), emptyRow()],
})

/** The rows of a list, section by section, as they are seen. */
export const rowsIn = (sheet: Sheet): readonly Row[] =>
  sheet.sections.flatMap((_, index) => sheet.rows.filter(({ section }) => section === index))
export const offeredIn = (sheet: Sheet): readonly Row[] =>
  sheet.type === 'buttons' ? sheet.buttons : rowsIn(sheet)

export type Wrong = {
  readonly what: 'missing' | 'long' | 'same'
  readonly max?: number
  readonly count?: number
}

const judged = (text: string, max: number): Wrong | null => {
  const { length } = text.trim()
  if (length === 0) return { what: 'missing' }
  return length > max ? { what: 'long', max, count: length } : null
}

/** What is wrong, by the field's name: `question`, `opener`, `section.0`, a row's key, and its key with `.description`. Pure. */
export const problemsIn = (sheet: Sheet, limits: Limits): Readonly<Record<string, Wrong>> => {
  const found: Record<string, Wrong> = {}
  const note = (field: string, wrong: Wrong | null) => void (wrong && (found[field] = wrong))
  const list = sheet.type === 'list' ? limits.list : null
  const { titleMax, bodyMax } = list ?? limits.buttons
  note('question', judged(sheet.question, bodyMax))
  const titles = offeredIn(sheet).map(({ title }) => title.trim().toLowerCase())
  for (const [index, { key, title, description }] of offeredIn(sheet).entries()) {
    const same = titles.indexOf(titles[index] ?? '') < index
    note(key, judged(title, titleMax) ?? (same ? { what: 'same' } : null))
    if (list && description.trim() !== '')
      note(`${key}.description`, judged(description, list.descriptionMax))
  }
  if (!list) return found
  note('opener', judged(sheet.opener, list.openerMax))
  if (sheet.sections.length > 1)
    for (const [index, title] of sheet.sections.entries())
      note(`section.${index}`, judged(title, list.titleMax))
  return found
}

/** What is sent. The ids tell this message's choices from those of any other. */
export const choicesOf = (sheet: Sheet, message: string): Choices => {
  const id = (at: number) => `${message.slice(0, 8)}.${at + 1}`
  if (sheet.type === 'buttons')
    return {
      type: 'buttons',
      buttons: sheet.buttons.map(({ title }, at) => ({ id: id(at), title: title.trim() })),
    }
  const all = rowsIn(sheet)
  return {
    type: 'list',
    button: sheet.opener.trim(),
    sections: sheet.sections.flatMap((title, index) => {
      const rows = sheet.rows
        .filter(({ section }) => section === index)
        .map(row => {
          const words = row.description.trim()
          return {
            id: id(all.indexOf(row)),
            title: row.title.trim(),
            ...(words ? { description: words } : {}),
          }
        })
      return rows.length > 0 ? [{ title: sheet.sections.length > 1 ? title.trim() : '', rows }] : []
    }),
  }
}
