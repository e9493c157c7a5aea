import { wordsApart } from '../../i18n/words-apart.ts'
import type { CompanyWords } from './words/en.ts'

/** The texts of the company's settings: they come with the screen. */
export const { w } = await wordsApart<CompanyWords>({
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
})
