import { wordsApart } from '../../../i18n/words-apart.ts'
import type { MessageWords } from './words/en.ts'

/** The texts of what is done to messages: they come with the first menu that somebody opens. */
export const { w, maybeW } = await wordsApart<MessageWords>({
  'pt-BR': async () => (await import('./words/pt.ts')).pt,
  en: async () => (await import('./words/en.ts')).en,
  es: async () => (await import('./words/es.ts')).es,
})
