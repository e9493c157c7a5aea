import { createEffect, createRoot, createSignal, on } from 'solid-js'
import { locale, maybeT, type Locale, type TextArgs } from '../../i18n/index.ts'
import type { SessionWords } from './words/en.ts'

/** The texts of these screens come with them: nobody in the inbox waits for what only admins read. */
const dictionaries: Record<Locale, () => Promise<SessionWords>> = {
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
}
const [words, setWords] = createSignal<SessionWords>(await dictionaries[locale()]())
const load = async (next: Locale): Promise<void> => {
  const loaded = await dictionaries[next]()
  if (locale() === next) setWords(() => loaded)
}
createRoot(() => createEffect(on(locale, next => void load(next), { defer: true })))

const fill = (text: string, args: TextArgs): string =>
  text.replace(/\{\{ (\w+) \}\}/g, (blank, name: string) => String(args[name] ?? blank))

/** The text of a key in the user's language. */
export const w = (key: keyof SessionWords, args: TextArgs = {}): string => fill(words()[key], args)

/** For what comes from the server: `undefined` when we have no words for it. */
export const maybeW = (key: string, args: TextArgs = {}): string | undefined =>
  Object.hasOwn(words(), key) ? w(key as keyof SessionWords, args) : undefined

/** Why a channel went down, in words where we have some. */
export const reasonText = (reason: string): string =>
  maybeW(`reason.${reason}`) ?? maybeT(`session.reason.${reason}`) ?? reason
