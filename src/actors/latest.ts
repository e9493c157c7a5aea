/** The later of two times; as facts have them they may differ in their precision. */
export const latest = (before: string | null, at: string): string =>
  before !== null && Date.parse(before) >= Date.parse(at) ? before : at
