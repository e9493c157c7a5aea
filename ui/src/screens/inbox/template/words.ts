import { wordsApart } from '../../../i18n/words-apart.ts'
import type { TemplateWords } from './words/en.ts'

/** The texts of the template picker: they come with it. */
export const { w, maybeW } = await wordsApart<TemplateWords>({
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
})
