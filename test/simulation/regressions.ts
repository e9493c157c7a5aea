/** Seeds that once found a mistake, with what it was. They stay, as far as they still tell the same story. */
export const REGRESSIONS: readonly { readonly seed: number; readonly what: string }[] = []
