import type { MediaStore } from './port.ts'

/**
 * A text that was kept where it was said, or in the media store where it was too long: then `{"rawKey": …}` stands in
 * its place. `null`: the bytes are gone. `cut`: it is longer than that, and this is only how it begins.
 */
export const keptText = async (
  media: Pick<MediaStore, 'get'>,
  companyId: string,
  text: string,
  bytesMax: number,
): Promise<{ text: string; cut: boolean } | null> => {
  const key = rawKeyIn(text)
  if (key === null) return { text, cut: false }
  // What another company keeps is not this one's to read, whatever a payload says.
  const found = key.startsWith(`${companyId}/`) ? await media.get(key) : null
  if (!found) return null
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of found.bytes) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > bytesMax) break
  }
  const bytes = Buffer.concat(chunks)
  return { text: bytes.subarray(0, bytesMax).toString('utf8'), cut: size > bytesMax }
}

const RAW_KEY = /^\{"rawKey":"([^"\\]+)"\}$/
const rawKeyIn = (text: string): string | null => RAW_KEY.exec(text)?.[1] ?? null
