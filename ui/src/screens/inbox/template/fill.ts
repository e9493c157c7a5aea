import type { Template } from '../../../api/index.ts'

const PLACE = /\{\{\s*(\w+)\s*\}\}/g

/**
 * The places of a template's body in the order in which its parameters are sent: numbers by their value, names as they
 * come.
 */
export const placesOf = ({ body }: Pick<Template, 'body'>): readonly string[] => {
  const names = [...new Set([...body.matchAll(PLACE)].map(([, name = '']) => name))]
  return names.every(name => /^\d+$/.test(name)) ? names.sort((a, b) => Number(a) - Number(b)) : names
}

type Piece = { readonly text: string; readonly place: boolean; readonly filled: boolean }

/** The body in pieces: words as they are, and places with what was put there. */
export const piecesOf = (
  { body }: Pick<Template, 'body'>,
  given: Readonly<Record<string, string>>,
): readonly Piece[] =>
  body.split(/(\{\{\s*\w+\s*\}\})/).flatMap((text, index): Piece[] => {
    if (index % 2 === 0) return text === '' ? [] : [{ text, place: false, filled: true }]
    const value = given[text.replace(/[{}\s]/g, '')]?.trim() ?? ''
    return [{ text: value || text, place: true, filled: value !== '' }]
  })

/** What the customer will read. */
export const filledIn = (template: Pick<Template, 'body'>, given: Readonly<Record<string, string>>): string =>
  piecesOf(template, given)
    .map(({ text }) => text)
    .join('')

/** What a named place most likely wants: only names of people are known well enough. */
export const guessFor = (place: string, contact: string | null): string => {
  if (!contact) return ''
  if (/^(first_?name|primeiro_?nome|primer_?nombre)$/i.test(place)) return contact.split(/\s+/)[0] ?? ''
  return /^((customer|contact|full|client)_?)?(name|nome|nombre)$/i.test(place) ? contact : ''
}
