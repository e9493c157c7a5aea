import { wordsApart } from '../../../i18n/words-apart.ts'
import type { ChoiceWords } from './words/en.ts'

/** The texts of the composer of choices: they come with it. */
export const { w } = await wordsApart<ChoiceWords>({
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
})
