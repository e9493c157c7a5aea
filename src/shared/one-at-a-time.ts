/** Runs what has the same key one after the other, in the order asked; a failure stops nobody but its own caller. */
export const oneAtATime = () => {
  const tails = new Map<string, Promise<unknown>>()
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    tails.set(key, mine)
    const tidy = (): void => {
      if (tails.get(key) === mine) tails.delete(key)
    }
    mine.then(tidy, tidy)
    return mine
  }
}
