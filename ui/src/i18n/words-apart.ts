import { createEffect, createRoot, createSignal, on } from 'solid-js'
import { loadPart } from '../sync/load-part.ts'
import { locale, type Locale, type TextArgs } from './index.ts'

/**
 * The texts of a part of the screen that is loaded when somebody wants it: nobody waits for what few read. Resolves when
 * the words of the present language are there; another language's come when it is chosen.
 */
export const wordsApart = async <W extends Record<string, string>>(
  dictionaries: Record<Locale, () => Promise<W>>,
): Promise<{
  w: (key: keyof W & string, args?: TextArgs) => string
  /** For what comes from elsewhere: `undefined` when there are no words for it. */
  maybeW: (key: string, args?: TextArgs) => string | undefined
}> => {
  const [words, setWords] = createSignal<W>(await loadPart(dictionaries[locale()]))
  const load = async (next: Locale): Promise<void> => {
    const loaded = await loadPart(dictionaries[next])
    if (locale() === next) setWords(() => loaded)
  }
  createRoot(() => createEffect(on(locale, next => void load(next), { defer: true })))
  const maybeW = (key: string, args: TextArgs = {}) =>
    Object.hasOwn(words(), key)
      ? words()[key]?.replace(/\{\{ (\w+) \}\}/g, (blank, name: string) => String(args[name] ?? blank))
      : undefined
  return { w: (key, args) => maybeW(key, args) ?? '', maybeW }
}
