import { createEffect, createMemo, createRoot, createSignal } from 'solid-js'
import { readStored, writeStored } from '../stores/stored.ts'
import { loadPart } from '../sync/load-part.ts'
import type { Dictionary, TextKey } from './en.ts'

export const LOCALES = ['pt-BR', 'en', 'es'] as const
export type Locale = (typeof LOCALES)[number]
export const localeNames: Record<Locale, string> = {
  'pt-BR': 'Português (Brasil)',
  en: 'English',
  es: 'Español',
}

/** Each language is its own file, loaded when somebody reads it. */
const dictionaries: Record<Locale, () => Promise<Dictionary>> = {
  'pt-BR': async () => (await import('./pt.ts')).pt,
  en: async () => (await import('./en.ts')).en,
  es: async () => (await import('./es.ts')).es,
}

/** What the browser asks for, as far as we speak it; Portuguese for everybody else. */
export const guessLocale = (asked: readonly string[]): Locale => {
  for (const tag of asked) {
    const language = tag.toLowerCase().split('-')[0]
    const found = LOCALES.find(locale => locale.toLowerCase().startsWith(language ?? ''))
    if (found) return found
  }
  return 'pt-BR'
}

const stored = readStored<string>('locale', '')
const initial = LOCALES.find(locale => locale === stored) ?? guessLocale(navigator.languages)
const [locale, setLocaleNow] = createSignal<Locale>(initial)
const [dictionary, setDictionary] = createSignal<Dictionary>()
export { locale }

/** Resolves when the words are there; the screen keeps the old language until then. */
export const setLocale = async (next: Locale): Promise<void> => {
  const words = await loadPart(dictionaries[next])
  setDictionary(() => words)
  setLocaleNow(next)
  writeStored('locale', next)
}
export const loadWords = async (): Promise<void> => {
  const words = await loadPart(dictionaries[locale()])
  setDictionary(() => words)
}

createRoot(() => createEffect(() => (document.documentElement.lang = locale())))

export type TextArgs = Readonly<Record<string, string | number>>

/** The text of a key in the user's language. */
export const t = (key: TextKey, args: TextArgs = {}): string => {
  const text = dictionary()?.[key]
  return text?.replace(/\{\{ (\w+) \}\}/g, (blank, name: string) => String(args[name] ?? blank)) ?? ''
}

/** Made once per language: they cost more than what they say. */
const rules = createRoot(() => {
  const made = createMemo(() => ({
    plural: new Intl.PluralRules(locale()),
    number: new Intl.NumberFormat(locale()),
  }))
  return made
})

type PluralStem = { [K in TextKey]: K extends `${infer Stem}_one` ? Stem : never }[TextKey]

/** The text for a number: `<key>_one` or `<key>_other` by the language's own rule. */
export const tn = (key: PluralStem, count: number, args: TextArgs = {}): string => {
  const { plural, number } = rules()
  const form = plural.select(count) === 'one' ? 'one' : 'other'
  return t(`${key}_${form}` as TextKey, { ...args, count: number.format(count) })
}

/** For codes that come from the server: `undefined` when we have no words for it. */
export const maybeT = (key: string, args: TextArgs = {}): string | undefined => {
  const words = dictionary()
  return words && key in words ? t(key as TextKey, args) : undefined
}
