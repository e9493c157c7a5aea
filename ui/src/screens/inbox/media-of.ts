import type { FilledTemplate, Message } from '../../api/index.ts'

export type MediaOf = NonNullable<Message['media']>

const WIDTH_PIXELS_MAX = 288
const HEIGHT_PIXELS_MAX = 360
const STICKER_PIXELS_MAX = 160
const SIDE_PIXELS_MIN = 96

/** The box of a picture before its bytes are there: its own shape, inside what a bubble holds. `null`: not known. */
export const boxOf = (media: MediaOf, sticker: boolean): { width: number; height: number } | null => {
  const { width, height } = media
  if (!width || !height) return sticker ? { width: STICKER_PIXELS_MAX, height: STICKER_PIXELS_MAX } : null
  const scale = Math.min(
    (sticker ? STICKER_PIXELS_MAX : WIDTH_PIXELS_MAX) / width,
    (sticker ? STICKER_PIXELS_MAX : HEIGHT_PIXELS_MAX) / height,
    1,
  )
  return {
    width: Math.max(SIDE_PIXELS_MIN, Math.round(width * scale)),
    height: Math.max(SIDE_PIXELS_MIN, Math.round(height * scale)),
  }
}

/** Minutes and seconds, as players write it. */
export const playTime = (seconds: number): string => {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

export type Place = { latitude: number; longitude: number; name?: string; address?: string }
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The place in a location's structured part; `null` where there is none. */
export const placeIn = (details: unknown): Place | null => {
  const { latitude, longitude, name, address } = record(details)
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return null
  const [named, at] = [text(name), text(address)]
  return { latitude, longitude, ...(named ? { name: named } : {}), ...(at ? { address: at } : {}) }
}
export const mapLink = ({ latitude, longitude }: Place): string =>
  `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`

export type Card = { name: string; phones: string[] }

/** The people in a contacts message, as ours and Meta's channels spell them; empty where nothing can be read. */
export const cardsIn = (details: unknown): Card[] => {
  const listed = Array.isArray(details) ? details : record(details)['cards']
  if (!Array.isArray(listed)) return []
  return listed.flatMap(one => {
    const { name, phones } = record(one)
    const named = text(name) ?? text(record(name)['formatted_name'])
    if (named === undefined) return []
    const numbers = (Array.isArray(phones) ? phones : []).flatMap(
      phone => text(phone) ?? text(record(phone)['phone']) ?? [],
    )
    return [{ name: named, phones: numbers }]
  })
}

type Choice = { title: string; description?: string }
/** What a message of ours offers to choose from: buttons, or a list that opens by its button. */
export type Choices = { opensBy: string | null; groups: { title: string | null; choices: Choice[] }[] }

const choicesOf = (value: unknown): Choice[] =>
  (Array.isArray(value) ? value : []).flatMap(one => {
    const { title, description } = record(one)
    const [named, more] = [text(title), text(description)]
    return named === undefined ? [] : [{ title: named, ...(more ? { description: more } : {}) }]
  })

/** The choices in the structured part of what we sent; `null` where there are none. */
export const choicesIn = (details: unknown): Choices | null => {
  const { type, buttons, button, sections } = record(details)
  if (type === 'buttons') {
    const choices = choicesOf(buttons)
    return choices.length > 0 ? { opensBy: null, groups: [{ title: null, choices }] } : null
  }
  if (type !== 'list' || !Array.isArray(sections)) return null
  const groups = sections.flatMap(section => {
    const { title, rows } = record(section)
    const choices = choicesOf(rows)
    return choices.length > 0 ? [{ title: text(title) ?? null, choices }] : []
  })
  return groups.length > 0 ? { opensBy: text(button) ?? null, groups } : null
}

type Shown = NonNullable<NonNullable<FilledTemplate['buttons']>[number]>
/** What a template shows around its words. `file`: as what the message's file stands above them. */
export type TemplateParts = {
  readonly title: string | null
  readonly file: 'image' | 'video' | 'document' | null
  readonly place: Place | null
  readonly footer: string | null
  readonly buttons: readonly Shown[]
}
const FILES: readonly unknown[] = ['image', 'video', 'document']
const BUTTONS: readonly unknown[] = ['quick-reply', 'url', 'phone', 'copy-code', 'otp', 'flow']

/** The parts of a template that we sent; those of before they were kept have none. */
export const templateIn = (details: unknown): TemplateParts => {
  const { header, footer, buttons } = record(details)
  const { type, text: title } = record(header)
  return {
    title: type === 'text' ? (text(title) ?? null) : null,
    file: FILES.includes(type) ? (type as TemplateParts['file']) : null,
    place: type === 'location' ? placeIn(header) : null,
    footer: text(footer) ?? null,
    buttons: (Array.isArray(buttons) ? buttons : []).flatMap((one): Shown[] => {
      const { type: kind, text: words, value, parameter } = record(one)
      if (!BUTTONS.includes(kind)) return []
      const [opens, filled] = [text(value), text(parameter)]
      return [
        {
          type: kind as Shown['type'],
          text: text(words) ?? '',
          ...(opens ? { value: opens } : {}),
          ...(filled ? { parameter: filled } : {}),
        },
      ]
    }),
  }
}
