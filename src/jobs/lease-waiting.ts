/** Who waits for which lease, and is told once. */
export type Waiting = {
  add(name: string, look: () => void): () => void
  /** Everybody who waits for it looks, once. */
  tell(name: string): void
}

export const createWaiting = (): Waiting => {
  const looks = new Map<string, Set<() => void>>()
  return {
    add: (name, look) => {
      const those = looks.get(name) ?? new Set()
      looks.set(name, those.add(look))
      return () => {
        those.delete(look)
        if (those.size === 0 && looks.get(name) === those) looks.delete(name)
      }
    },
    tell: name => {
      const those = looks.get(name)
      looks.delete(name)
      for (const look of those ?? []) look()
    },
  }
}
