/** Text as people look for it: without accents, capitals and doubled spaces. */
export const searchable = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim()

/** Text that `like` takes literally. */
export const likeLiteral = (text: string): string => text.replace(/[\\%_]/g, character => `\\${character}`)

/** Fewer digits than this are a ticket's number or part of a name, not part of a phone number. */
const PHONE_DIGITS_MIN = 3

/** What a search box's text may mean: part of a name, part of a phone number, the beginning of a ticket's number. */
export const searchTerms = (q: string): { name: string; phone: string | null; number: string | null } => {
  const digits = q.replace(/\D/g, '')
  const numeric = /^[\d\s()+.#-]+$/.test(q)
  return {
    name: `%${likeLiteral(searchable(q))}%`,
    phone: numeric && digits.length >= PHONE_DIGITS_MIN ? `%${digits}%` : null,
    number: /^#?\d+$/.test(q.trim()) ? `${digits}%` : null,
  }
}
