import type { SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys'

/** Signal keys that live as long as the process. */
export const memoryKeys = (): SignalKeyStore => {
  const kept = new Map<string, Map<string, unknown>>()
  const shelf = (type: string): Map<string, unknown> => {
    const found = kept.get(type) ?? new Map<string, unknown>()
    kept.set(type, found)
    return found
  }
  return {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: { [id: string]: SignalDataTypeMap[T] } = {}
      for (const id of ids)
        // What lies on the shelf of a type was put there as that type.
        if (shelf(type).has(id)) found[id] = shelf(type).get(id) as SignalDataTypeMap[T]
      return found
    },
    set(data) {
      for (const [type, values] of Object.entries(data))
        for (const [id, value] of Object.entries(values))
          if (value === null || value === undefined) shelf(type).delete(id)
          else shelf(type).set(id, value)
    },
  }
}
