import type { FilledTemplate, Template } from '../../../api/index.ts'

const PLACE = /\{\{\s*(\w+)\s*\}\}/g

/** What Meta takes, in characters. */
const HEADER_CHARS_MAX = 60
const BODY_CHARS_MAX = 1024
const URL_CHARS_MAX = 2000
const CODE_CHARS_MAX = 15
const PLACE_NAME_CHARS_MAX = 1000

/** The places of a text in the order in which its parameters are sent: numbers by their value, names as they come. */
export const placesOf = (text: string): readonly string[] => {
  const names = [...new Set([...text.matchAll(PLACE)].map(([, name = '']) => name))]
  return names.every(name => /^\d+$/.test(name)) ? names.sort((a, b) => Number(a) - Number(b)) : names
}

export type Given = Readonly<Record<string, string>>
type Piece = { readonly text: string; readonly place: boolean; readonly filled: boolean }

/** A text in pieces: words as they are, and places with what was put there. `of`: under which name a place was given. */
export const piecesOf = (words: string, given: Given, of = (place: string) => place): readonly Piece[] =>
  words.split(/(\{\{\s*\w+\s*\}\})/).flatMap((text, index): Piece[] => {
    if (index % 2 === 0) return text === '' ? [] : [{ text, place: false, filled: true }]
    const value = given[of(text.replace(/[{}\s]/g, ''))]?.trim() ?? ''
    return [{ text: value || text, place: true, filled: value !== '' }]
  })

/** What the customer will read. */
export const filledIn = (words: string, given: Given, of?: (place: string) => string): string =>
  piecesOf(words, given, of)
    .map(({ text }) => text)
    .join('')

/** What a named place most likely wants: only names of people are known well enough. */
export const guessFor = (place: string, contact: string | null): string => {
  if (!contact) return ''
  if (/^(first_?name|primeiro_?nome|primer_?nombre)$/i.test(place)) return contact.split(/\s+/)[0] ?? ''
  return /^((customer|contact|full|client)_?)?(name|nome|nombre)$/i.test(place) ? contact : ''
}

/** One thing that a template asks for. `id`: under which it is given; `about`: the place or button that it fills. */
export type Want = {
  readonly id: string
  readonly part: 'header' | 'body' | 'button'
  readonly kind: 'text' | 'point' | 'suffix' | 'code'
  readonly about: string
  readonly max: number
}

export const headerId = (place: string): string => `header:${place}`
export const bodyId = (place: string): string => `body:${place}`
const buttonId = (index: number): string => `button:${index}`

/** Everything that has to be said before a template can go, in its order; a file is not among it. */
export const wantsOf = ({ header, body, buttons = [] }: Template): readonly Want[] => {
  const wants: Want[] = []
  const place = (id: string, part: Want['part'], about: string, max: number, kind: Want['kind'] = 'text') =>
    void wants.push({ id, part, kind, about, max })
  if (header?.type === 'text')
    for (const name of placesOf(header.text)) place(headerId(name), 'header', name, HEADER_CHARS_MAX)
  if (header?.type === 'location') {
    place('point', 'header', '', 1000, 'point')
    place('point-name', 'header', '', PLACE_NAME_CHARS_MAX)
    place('point-address', 'header', '', PLACE_NAME_CHARS_MAX)
  }
  // The code for logging in stands in the words and in the button: it is asked for once.
  const isCode = buttons.some(({ type }) => type === 'otp')
  for (const [index, name] of placesOf(body).entries())
    if (isCode && index === 0) place(bodyId(name), 'body', name, CODE_CHARS_MAX, 'code')
    else place(bodyId(name), 'body', name, BODY_CHARS_MAX)
  for (const [index, { type, text, value = '' }] of buttons.entries()) {
    if (type === 'url' && placesOf(value).length > 0)
      place(buttonId(index), 'button', text, URL_CHARS_MAX - value.length, 'suffix')
    if (type === 'copy-code') place(buttonId(index), 'button', text, CODE_CHARS_MAX, 'code')
  }
  return wants
}

/** A place on the map out of what people copy: a pair of numbers, or a link of a map that holds one. */
export const pointIn = (text: string): { latitude: number; longitude: number } | null => {
  const [, lat, lon] = /(-?\d{1,2}\.\d+)\s*(?:,|;|%2C|\/|\s)\s*(-?\d{1,3}\.\d+)/i.exec(text) ?? []
  const [latitude, longitude] = [Number(lat), Number(lon)]
  if (lat === undefined || Math.abs(latitude) > 90 || !(Math.abs(longitude) <= 180)) return null
  return { latitude, longitude }
}

/** A code of the words; `max` is said with `long`. */
export type Wrong = 'missing' | 'long' | 'spaces' | 'gaps' | 'point'

/** What is wrong with what was given for one place; `null`: nothing. */
export const wrongWith = (want: Want, given: Given): Wrong | null => {
  const value = given[want.id]?.trim() ?? ''
  if (value === '') return 'missing'
  if (value.length > want.max) return 'long'
  if (want.kind === 'point') return pointIn(value) ? null : 'point'
  if (want.kind === 'suffix') return /\s/.test(value) ? 'gaps' : null
  return /[\t\n\r]| {5}/.test(value) ? 'spaces' : null
}

/** Of the finished texts, which is longer than Meta takes, and by how much it may be. */
export const tooLong = (
  template: Template,
  given: Given,
): { part: 'header' | 'body'; max: number } | null => {
  const { header, body, footer, buttons } = template
  if (header?.type === 'text' && filledIn(header.text, given, headerId).length > HEADER_CHARS_MAX)
    return { part: 'header', max: HEADER_CHARS_MAX }
  const alone = !header && !footer && !buttons
  return !alone && filledIn(body, given, bodyId).length > BODY_CHARS_MAX
    ? { part: 'body', max: BODY_CHARS_MAX }
    : null
}

const headerOf = ({ header }: Template, given: Given): FilledTemplate['header'] => {
  switch (header?.type) {
    case undefined:
      return undefined
    case 'text': {
      const [place] = placesOf(header.text)
      const parameter = place === undefined ? undefined : given[headerId(place)]?.trim()
      const text = filledIn(header.text, given, headerId)
      return { type: 'text', text, ...(parameter ? { parameter } : {}) }
    }
    case 'location': {
      const point = pointIn(given['point'] ?? '') ?? { latitude: 0, longitude: 0 }
      const name = given['point-name']?.trim()
      const address = given['point-address']?.trim()
      return { type: 'location', ...point, ...(name ? { name } : {}), ...(address ? { address } : {}) }
    }
    case 'image':
    case 'video':
    case 'document':
      return { type: header.type }
  }
}

/** The finished message: the words as the customer reads them, and the template with what fills its parts. */
export const finished = (
  template: Template,
  given: Given,
): { readonly body: string; readonly template: FilledTemplate } => {
  const { name, language, body, footer, buttons } = template
  const parameters = placesOf(body).map(place => given[bodyId(place)]?.trim() ?? '')
  const header = headerOf(template, given)
  return {
    body: filledIn(body, given, bodyId),
    template: {
      ...{ name, language, parameters },
      ...(header ? { header } : {}),
      ...(footer ? { footer } : {}),
      ...(buttons
        ? {
            buttons: buttons.map(({ type, text, value }, index) => {
              const parameter = type === 'otp' ? parameters[0] : given[buttonId(index)]?.trim()
              const opens =
                type === 'url' && value ? filledIn(value, { _: parameter ?? '' }, () => '_') : value
              return {
                ...{ type, text },
                ...(opens ? { value: opens } : {}),
                ...(parameter ? { parameter } : {}),
              }
            }),
          }
        : {}),
    },
  }
}
