/**
 * An immutable map from UUIDs to small values that stays cheap to change when it holds ten thousand of them, and that
 * is plain JSON. Copying a flat record for every message makes a long ticket quadratic; here a change copies one
 * bucket of some 1/256 of the keys and the top level.
 */
export type KeyMap<V> = { readonly [bucket: string]: { readonly [key: string]: V } }

const bucketOf = (key: string): string => key.slice(-2)

export const keyMapGet = <V>(map: KeyMap<V>, key: string): V | undefined => map[bucketOf(key)]?.[key]

export const keyMapSet = <V>(map: KeyMap<V>, key: string, value: V): KeyMap<V> => {
  const bucket = bucketOf(key)
  return { ...map, [bucket]: { ...map[bucket], [key]: value } }
}

export const keyMapKeys = <V>(map: KeyMap<V>): string[] =>
  Object.values(map).flatMap(bucket => Object.keys(bucket))
