/**
 * An immutable map from UUIDs to small JSON values that stays cheap when it holds ten thousand of them: to change, to
 * keep in memory, and to write down and read back. Copying a flat record for every message makes a long ticket
 * quadratic, and ten thousand properties take milliseconds to parse and to walk; so the keys lie in 16 buckets, and a
 * bucket is one text, `;key=value;key=value`, that is searched as text.
 */
declare const valueOf: unique symbol
export type KeyMap<V> = { readonly [bucket: string]: string } & { readonly [valueOf]?: V }

/** The last digit of a UUID, which is random in all of its versions. */
const bucketOf = (key: string): string => key.slice(-1)

const ENDS_ENTRY = /;/g
/** In JSON a semicolon stands within a text only, where it may be written in another way. */
const textOf = (value: unknown): string => JSON.stringify(value).replace(ENDS_ENTRY, '\\u003b')

type Found = { readonly start: number; readonly end: number }
/** Where the value of a key stands in its bucket. */
const find = (bucket: string, key: string): Found | null => {
  const at = bucket.indexOf(`;${key}=`)
  if (at < 0) return null
  const start = at + key.length + 2
  const end = bucket.indexOf(';', start)
  return { start, end: end < 0 ? bucket.length : end }
}

export const keyMapGet = <V>(map: KeyMap<V>, key: string): V | undefined => {
  const bucket = map[bucketOf(key)]
  const found = bucket === undefined ? null : find(bucket, key)
  return found && bucket !== undefined ? (JSON.parse(bucket.slice(found.start, found.end)) as V) : undefined
}

export const keyMapSet = <V>(map: KeyMap<V>, key: string, value: V): KeyMap<V> => {
  const name = bucketOf(key)
  const bucket = map[name] ?? ''
  const found = find(bucket, key)
  const text = textOf(value)
  const changed = found
    ? bucket.slice(0, found.start) + text + bucket.slice(found.end)
    : `${bucket};${key}=${text}`
  return { ...map, [name]: changed } as KeyMap<V>
}

/** All entries; in no order that means anything. Reads each bucket once, which looking up each key would not. */
export const keyMapEntries = <V>(map: KeyMap<V>): [key: string, value: V][] =>
  Object.values(map).flatMap(bucket =>
    bucket
      .slice(1)
      .split(';')
      .map((entry): [string, V] => {
        const at = entry.indexOf('=')
        return [entry.slice(0, at), JSON.parse(entry.slice(at + 1)) as V]
      }),
  )

/** All keys; in no order that means anything. */
export const keyMapKeys = <V>(map: KeyMap<V>): string[] =>
  Object.values(map).flatMap(bucket =>
    bucket
      .slice(1)
      .split(';')
      .map(entry => entry.slice(0, entry.indexOf('='))),
  )
