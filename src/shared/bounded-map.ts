/** A map that forgets its oldest entries once the weight of all is over `max`. */
export type BoundedMap<V> = {
  get(key: string): V | undefined
  set(key: string, value: V): void
  has(key: string): boolean
  /** Oldest first. */
  keys(): string[]
}

export const boundedMap = <V>(max: number, weigh: (value: V) => number = () => 1): BoundedMap<V> => {
  const map = new Map<string, V>()
  let weight = 0
  const forget = (key: string) => {
    const value = map.get(key)
    if (value === undefined) return
    map.delete(key)
    weight -= weigh(value)
  }
  return {
    get: key => map.get(key),
    has: key => map.has(key),
    keys: () => [...map.keys()],
    set(key, value) {
      forget(key)
      map.set(key, value)
      weight += weigh(value)
      for (const oldest of map.keys()) {
        if (weight <= max || oldest === key) break
        forget(oldest)
      }
    },
  }
}
