import { expect, test } from 'vitest'
import { choicesOf, emptySheet, problemsIn, type Limits, type Row, type Sheet } from './sheet.ts'

const limits: Limits = {
  buttons: { max: 3, titleMax: 20, bodyMax: 1024 },
  list: { rowsMax: 10, sectionsMax: 10, titleMax: 24, descriptionMax: 72, openerMax: 20, bodyMax: 4096 },
}
const row = (key: string, title = key, section = 0, description = ''): Row => ({
  ...{ key, title, section, description },
})
const sheet = (change: Partial<Sheet>): Sheet => ({ ...emptySheet('Which?'), ...change })

test('an empty sheet lacks a question and titles', () => {
  const empty = emptySheet()
  expect(Object.values(problemsIn(empty, limits))).toEqual(Array(3).fill({ what: 'missing' }))
  expect(problemsIn(empty, limits)).toHaveProperty('question')
})

test('what is too long or said twice is found where it stands', () => {
  const buttons = [row('a', 'x'.repeat(21)), row('b', 'Yes'), row('c', ' yes ')]
  expect(problemsIn(sheet({ buttons }), limits)).toEqual({
    a: { what: 'long', max: 20, count: 21 },
    c: { what: 'same' },
  })
})

test('of a list also what opens it, its sections and its descriptions are judged', () => {
  const list: Partial<Sheet> = {
    ...{ type: 'list', opener: '', sections: ['', 'x'.repeat(25)] },
    rows: [row('a'), row('b', 'b', 1, 'x'.repeat(73))],
  }
  expect(problemsIn(sheet(list), limits)).toEqual({
    opener: { what: 'missing' },
    'section.0': { what: 'missing' },
    'section.1': { what: 'long', max: 24, count: 25 },
    'b.description': { what: 'long', max: 72, count: 73 },
  })
  expect(problemsIn(sheet({ ...list, opener: 'Open', sections: [''], rows: [row('a')] }), limits)).toEqual({})
})

test('buttons are sent in their order, with ids that are this message’s own', () => {
  expect(choicesOf(sheet({ buttons: [row('a', ' Yes '), row('b', 'No')] }), '12345678-9')).toEqual({
    type: 'buttons',
    buttons: [
      { id: '12345678.1', title: 'Yes' },
      { id: '12345678.2', title: 'No' },
    ],
  })
})

test('a list is sent section by section; of one section no title is said, and empty sections are left out', () => {
  const rows = [row('a', 'A', 1), row('b', 'B', 0, ' more '), row('c', 'C', 1)]
  const list = sheet({ type: 'list', opener: 'Open', sections: ['One', 'Two', 'Three'], rows })
  expect(choicesOf(list, 'm')).toEqual({
    ...{ type: 'list', button: 'Open' },
    sections: [
      { title: 'One', rows: [{ id: 'm.1', title: 'B', description: 'more' }] },
      {
        title: 'Two',
        rows: [
          { id: 'm.2', title: 'A' },
          { id: 'm.3', title: 'C' },
        ],
      },
    ],
  })
  const one = sheet({ type: 'list', opener: 'Open', sections: ['One'], rows: [row('a', 'A')] })
  expect(choicesOf(one, 'm')).toMatchObject({ sections: [{ title: '' }] })
})
