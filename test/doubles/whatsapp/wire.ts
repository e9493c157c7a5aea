/** JSON that carries bytes: what the control says over HTTP. */
const MARK = '$bytes'

export const toWire = (value: unknown): string =>
  JSON.stringify(value ?? null, function (this: Record<string, unknown>, key: string, said: unknown) {
    // A Buffer has made itself JSON before it gets here; the original is still in its place.
    const original = this[key]
    return original instanceof Uint8Array ? { [MARK]: Buffer.from(original).toString('base64') } : said
  })

export const fromWire = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) => {
    if (!value || typeof value !== 'object' || !(MARK in value)) return value
    const bytes = value[MARK]
    return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : value
  })
