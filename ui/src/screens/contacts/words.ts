import { wordsApart } from '../../i18n/words-apart.ts'
import type { PersonWords } from './words/en.ts'

/** The texts of what is said of two contacts that are one person: they come with it. */
export const { w, maybeW } = await wordsApart<PersonWords>({
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
})
