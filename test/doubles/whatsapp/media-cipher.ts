import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { hkdf, MEDIA_HKDF_KEY_MAPPING } from '@whiskeysockets/baileys'

export type MediaType = 'image' | 'video' | 'audio' | 'ptt' | 'document' | 'sticker' | 'md-msg-hist'

const MAC_BYTES = 10

const keysOf = (mediaKey: Uint8Array, type: MediaType) => {
  const info = `WhatsApp ${MEDIA_HKDF_KEY_MAPPING[type]} Keys`
  const all = Buffer.from(hkdf(Buffer.from(mediaKey), 112, { info }))
  return { iv: all.subarray(0, 16), cipher: all.subarray(16, 48), mac: all.subarray(48, 80) }
}
const macOf = (keys: ReturnType<typeof keysOf>, sealed: Buffer): Buffer =>
  createHmac('sha256', keys.mac).update(keys.iv).update(sealed).digest().subarray(0, MAC_BYTES)
const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

export const sealMedia = (plain: Uint8Array, type: MediaType) => {
  const mediaKey = randomBytes(32)
  const keys = keysOf(mediaKey, type)
  const cipher = createCipheriv('aes-256-cbc', keys.cipher, keys.iv)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  const blob = Buffer.concat([sealed, macOf(keys, sealed)])
  return { blob, mediaKey, fileLength: plain.length, fileSha256: digest(plain), fileEncSha256: digest(blob) }
}

/** The file in a blob that a client stored. What does not fit its own checksums is an error of the client. */
export const unsealMedia = (
  blob: Buffer,
  mediaKey: Uint8Array,
  type: MediaType,
  sha256: Uint8Array | null | undefined,
): Buffer => {
  const keys = keysOf(mediaKey, type)
  const sealed = blob.subarray(0, -MAC_BYTES)
  if (!macOf(keys, sealed).equals(blob.subarray(-MAC_BYTES))) throw new Error('the media has a wrong mac')
  const decipher = createDecipheriv('aes-256-cbc', keys.cipher, keys.iv)
  const plain = Buffer.concat([decipher.update(sealed), decipher.final()])
  if (sha256 && !digest(plain).equals(Buffer.from(sha256))) throw new Error('the media has a wrong digest')
  return plain
}
