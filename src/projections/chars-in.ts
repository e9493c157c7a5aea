/** UTF-16 units of all texts in a value of plain JSON: about what it takes in memory, where it takes much. */
export const charsIn = (value: unknown): number => {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let chars = 0
  for (const key in value) chars += charsIn((value as Readonly<Record<string, unknown>>)[key])
  return chars
}
