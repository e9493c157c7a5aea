import { wordsApart } from '../../i18n/words-apart.ts'
import type { UserWords } from './words/en.ts'

/** The texts of an account's past: they come with it. */
export const { w, maybeW } = await wordsApart<UserWords>({
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
})
