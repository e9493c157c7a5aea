import type { Clock } from '../shared/clock.ts'

/**
 * What was answered stays the answer until something happens in the company. Many agents look at the same few lists and
 * conversations, and reload them: asking the database again, and writing the same JSON again, would be most of the work.
 *
 *   asked ──▶ kept? ── yes ──▶ the same text
 *               └─── no ───▶ made once, for all who ask meanwhile
 *   rows of the company changed ──▶ all its answers are forgotten, those that are being made too
 *
 * Rows become readable before their position is told (`progress.ts`), and answers are forgotten in between: whoever waits
 * for a position, or was told one, never gets an answer from before it.
 */
export type KeptAnswers = {
  /**
   * The answer under this key: the kept one, or else what `make` says. `null` is not kept, and is what everybody gets
   * who waited for it. The key names who asks, with all rights, and what is asked for.
   */
  answer(companyId: string, key: string, make: () => Promise<string | null>): Promise<string | null>
  /** The tables show these facts now. */
  changed(facts: readonly { readonly meta: { readonly companyId: string } }[]): void
  /** The tables are others, or somebody else changed them. */
  forget(): void
}

/** Another process may put other tables in the place of these without a fact that says so. */
const KEPT_MS = 10_000
/** In characters. When full, everything is forgotten, which costs one question each. */
const CHARS_MAX = 16 * 1024 * 1024
const ANSWER_CHARS_MAX = 256 * 1024
const KEY_CHARS_MAX = 1_000
const ENTRY_CHARS = 200

type Entry = { readonly at: number; readonly text: Promise<string | null>; chars: number }

export const createKeptAnswers = (clock: Clock, charsMax = CHARS_MAX): KeptAnswers => {
  const companies = new Map<string, Map<string, Entry>>()
  let chars = 0

  const forget = (): void => {
    companies.clear()
    chars = 0
  }
  const forgetCompany = (companyId: string): void => {
    const entries = companies.get(companyId)
    if (!entries || !companies.delete(companyId)) return
    for (const entry of entries.values()) chars -= entry.chars
  }
  const forgetOne = (companyId: string, key: string, entry: Entry): void => {
    const entries = companies.get(companyId)
    if (entries?.get(key) !== entry) return
    entries.delete(key)
    chars -= entry.chars
  }

  /** It is there now: what is no answer goes, what is one takes room. */
  const count = (companyId: string, key: string, entry: Entry, text: string | null): void => {
    if (text === null || text.length > ANSWER_CHARS_MAX) return forgetOne(companyId, key, entry)
    // Forgotten while it was made: it takes none.
    if (companies.get(companyId)?.get(key) !== entry) return
    entry.chars = text.length + key.length + ENTRY_CHARS
    chars += entry.chars
    if (chars > charsMax) forget()
  }

  const keep = (
    companyId: string,
    key: string,
    make: () => Promise<string | null>,
  ): Promise<string | null> => {
    const made = make().then(
      text => {
        count(companyId, key, entry, text)
        return text
      },
      (error: unknown) => {
        forgetOne(companyId, key, entry)
        throw error
      },
    )
    const entry: Entry = { at: clock.monotonic(), text: made.catch(() => null), chars: 0 }
    const entries = companies.get(companyId) ?? new Map<string, Entry>()
    companies.set(companyId, entries.set(key, entry))
    return made
  }

  return {
    answer: (companyId, key, make) => {
      if (key.length > KEY_CHARS_MAX) return make()
      const found = companies.get(companyId)?.get(key)
      if (found && clock.monotonic() - found.at < KEPT_MS) return found.text
      if (found) forgetOne(companyId, key, found)
      return keep(companyId, key, make)
    },
    changed: facts => {
      if (companies.size > 0) for (const { meta } of facts) forgetCompany(meta.companyId)
    },
    forget,
  }
}
