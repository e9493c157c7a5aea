import { mayReadPeople } from '../stores/auth.ts'
import { now } from '../stores/clock.ts'
import { locale, t } from './index.ts'

const DAY_MILLISECONDS = 86_400_000
const startOfDay = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()

const cache = new Map<string, Intl.DateTimeFormat>()
const dateFormat = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = locale() + JSON.stringify(options)
  const known = cache.get(key) ?? new Intl.DateTimeFormat(locale(), options)
  cache.set(key, known)
  return known
}

export const clockTime = (at: string): string =>
  dateFormat({ hour: '2-digit', minute: '2-digit' }).format(new Date(at))
export const fullTime = (at: string): string =>
  dateFormat({ dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at))
/** Day and time to the second, in a phone's width. */
export const shortMoment = (at: string): string =>
  dateFormat({
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(at))
/** The time today, the date with it before. */
export const dayTime = (at: string): string =>
  daysAgo(new Date(at)) === 0
    ? clockTime(at)
    : dateFormat({ day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date(at))
const languages = new Map<string, Intl.DisplayNames>()
/** A language as people call it (`pt_BR` or `pt-BR`: português (Brasil)); as it came when it is none. */
export const languageName = (code: string): string => {
  const known = languages.get(locale()) ?? new Intl.DisplayNames(locale(), { type: 'language' })
  languages.set(locale(), known)
  try {
    return known.of(code.replace('_', '-')) ?? code
  } catch {
    return code
  }
}
const numbers = new Map<string, Intl.NumberFormat>()
const numberFormat = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
  const key = locale() + JSON.stringify(options)
  const known = numbers.get(key) ?? new Intl.NumberFormat(locale(), options)
  numbers.set(key, known)
  return known
}
export const number = (value: number): string => numberFormat({}).format(value)

const daysAgo = (at: Date): number =>
  Math.round((startOfDay(new Date(now())) - startOfDay(at)) / DAY_MILLISECONDS)

/** For a list: now, 5 min, the time today, the weekday this week, the date before. */
export const shortTime = (at: string): string => {
  const date = new Date(at)
  const minutes = Math.floor((now() - date.getTime()) / 60_000)
  if (minutes < 1) return t('time.now')
  if (minutes < 60) return t('time.minutes', { count: minutes })
  const days = daysAgo(date)
  if (days === 0) return clockTime(at)
  if (days === 1) return t('time.yesterday')
  if (days < 7) return dateFormat({ weekday: 'short' }).format(date)
  return dateFormat({ day: '2-digit', month: '2-digit', year: '2-digit' }).format(date)
}

/** For the separator between two days of a conversation. */
export const dayName = (at: string): string => {
  const date = new Date(at)
  const days = daysAgo(date)
  if (days === 0) return t('time.today')
  if (days === 1) return t('time.yesterday')
  if (days < 7) return dateFormat({ weekday: 'long' }).format(date)
  return dateFormat({ day: 'numeric', month: 'long', year: 'numeric' }).format(date)
}
export const dayOf = (at: string): number => startOfDay(new Date(at))

/** How long since: "3 min ago" in the language's own words. */
export const since = (at: string): string => {
  const seconds = Math.round((new Date(at).getTime() - now()) / 1000)
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' })
  if (Math.abs(seconds) < 60) return t('time.justNow')
  if (Math.abs(seconds) < 3600) return format.format(Math.round(seconds / 60), 'minute')
  if (Math.abs(seconds) < 86_400) return format.format(Math.round(seconds / 3600), 'hour')
  return format.format(Math.round(seconds / 86_400), 'day')
}

/** A span in its largest fitting unit: `45 s`, `12 min`, `3 h`, `2 d`. */
export const seconds = (span: number): string => {
  const unit = (value: number, name: 'second' | 'minute' | 'hour' | 'day') =>
    numberFormat({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value)
  if (span < 60) return unit(span, 'second')
  if (span < 3600) return unit(span / 60, 'minute')
  return span < 86_400 ? unit(span / 3600, 'hour') : unit(span / 86_400, 'day')
}

/** How long, in few letters for a list: `<1 min`, `12 min`, `3 h`, `2 d`. */
export const duration = (from: string): string => {
  const minutes = Math.floor((now() - Date.parse(from)) / 60_000)
  const unit = (value: number, name: 'minute' | 'hour' | 'day') =>
    numberFormat({ style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  if (minutes < 1) return `<${unit(1, 'minute')}`
  if (minutes < 60) return unit(minutes, 'minute')
  return minutes < 1440 ? unit(Math.floor(minutes / 60), 'hour') : unit(Math.floor(minutes / 1440), 'day')
}

export const bytes = (size: number): string => {
  const [unit, value] =
    size >= 1048576
      ? (['megabyte', size / 1048576] as const)
      : (['kilobyte', Math.max(1, size / 1024)] as const)
  return numberFormat({
    style: 'unit',
    unit,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value)
}

/** `+55 11 98888-7777`; other countries in groups, as the server's library already checked the number. */
export const phoneNumber = (digits: string): string => {
  const brazil = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits)
  if (brazil) return `+55 ${brazil[1]} ${brazil[2]}-${brazil[3]}`
  const america = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits)
  if (america) return `+1 ${america[1]} ${america[2]}-${america[3]}`
  const plain = digits.replace(/\D/g, '')
  return plain
    ? `+${plain.slice(0, 2)} ${plain.slice(2).replace(/(\d{3})(?=\d{2,})/g, '$1 ')}`.trim()
    : digits
}

/** A person's name, or the number, or the plain fact that we know neither. */
export const contactName = (contact: {
  name: string | null
  phone: string | null
  erased?: true | undefined
}): string =>
  contact.erased
    ? t('contact.erased')
    : contact.name?.trim() ||
      (contact.phone ? phoneNumber(contact.phone) : t(mayReadPeople() ? 'contact.unnamed' : 'contact.hidden'))
