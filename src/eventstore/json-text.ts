import type { JsonObject } from './port.ts'

/** Texts of objects that are in use: the size check, the chain's hash and the record all want the same one. */
const texts = new WeakMap<JsonObject, string>()

/** The JSON of an event's data or metadata. Events are never changed once they are made, so it is made once. */
export const textOf = (value: JsonObject): string => {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = JSON.stringify(value)
  texts.set(value, text)
  return text
}
