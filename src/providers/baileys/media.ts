import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import https from 'node:https'
import net from 'node:net'
import { DEF_MEDIA_HOST, getMediaKeys } from '@whiskeysockets/baileys'
import type { SealedMedia } from './parse-content.ts'

/** How long WhatsApp's store may take to begin answering, and how long to give the next bytes. */
const ANSWER_MS_MAX = 30_000
const IDLE_MS_MAX = 30_000
const MAC_BYTES = 10

/** On loopback, uploads to `https:` are spoken plainly: the local WhatsApp of tests has no certificate. */
class PlainAgent extends https.Agent {
  override createConnection(options: net.NetConnectOpts): net.Socket {
    return net.connect(options)
  }
}
export const plainAgent = (): https.Agent => new PlainAgent()

/** The sender chooses the address: only WhatsApp's own hosts are asked, or, with a local WhatsApp, loopback. */
const mayAsk = (url: URL, local: boolean): boolean =>
  (url.protocol === 'https:' &&
    (url.hostname === 'whatsapp.net' || url.hostname.endsWith('.whatsapp.net'))) ||
  (local && url.hostname === '127.0.0.1')

const addressOf = ({ path, url }: Pick<SealedMedia, 'path' | 'url'>, local: boolean): URL => {
  const named = url && URL.canParse(url) ? new URL(url) : null
  if (local && named && mayAsk(named, true)) return named
  const found = path?.startsWith('/') ? new URL(`https://${DEF_MEDIA_HOST}${path}`) : named
  if (!found || !mayAsk(found, local)) throw new Error('the file names no place at WhatsApp')
  return found
}

/** Bytes of an answer; gives up when none come for a while. @throws Error for anything but 200. */
export const fetchBytes = async (
  address: string | URL,
  local: boolean,
): Promise<{ mime: string | null; bytes: AsyncIterable<Uint8Array> }> => {
  const url = new URL(address)
  if (!mayAsk(url, local)) throw new Error(`${url.hostname} is no place of WhatsApp`)
  const idle = new AbortController()
  let timer = setTimeout(() => idle.abort(), ANSWER_MS_MAX)
  const again = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(), IDLE_MS_MAX)
  }
  try {
    const answer = await fetch(url, {
      signal: idle.signal,
      redirect: 'error',
      headers: { Origin: 'https://web.whatsapp.com' },
    })
    if (!answer.ok || !answer.body) {
      await answer.body?.cancel()
      throw new Error(`WhatsApp's store answered ${answer.status}`)
    }
    const body = answer.body
    const bytes = (async function* () {
      try {
        for await (const chunk of body) {
          again()
          yield chunk
        }
      } finally {
        clearTimeout(timer)
      }
    })()
    again()
    return { mime: answer.headers.get('content-type'), bytes }
  } catch (error) {
    clearTimeout(timer)
    throw error
  }
}

/**
 * Opens a file while it comes: AES-CBC, then ten bytes of an HMAC over all of it. Only after the last byte is it known whether it
 * was whole; a reader must not keep what it got when this throws.
 */
export const unsealed = async function* (
  sealed: AsyncIterable<Uint8Array>,
  media: Pick<SealedMedia, 'type' | 'key' | 'sha256'>,
): AsyncGenerator<Uint8Array> {
  const keys = await getMediaKeys(Buffer.from(media.key, 'base64'), media.type)
  if (!keys.macKey) throw new Error('no key for the check of a file')
  const decipher = createDecipheriv('aes-256-cbc', keys.cipherKey, keys.iv)
  const mac = createHmac('sha256', keys.macKey).update(keys.iv)
  const hash = createHash('sha256')
  let held = Buffer.alloc(0)
  for await (const chunk of sealed) {
    const all = Buffer.concat([held, chunk])
    const usable = all.subarray(0, Math.max(0, all.length - MAC_BYTES))
    held = all.subarray(usable.length)
    mac.update(usable)
    const plain = decipher.update(usable)
    hash.update(plain)
    if (plain.length > 0) yield plain
  }
  const expected = mac.digest().subarray(0, MAC_BYTES)
  if (held.length !== MAC_BYTES || !timingSafeEqual(expected, held)) throw new Error('the file is damaged')
  const last = decipher.final()
  hash.update(last)
  if (last.length > 0) yield last
  if (media.sha256 && hash.digest('hex') !== media.sha256)
    throw new Error('the file is not the one that was sent')
}

/** The file of a message, opened while it comes. */
export const openMedia = async (media: SealedMedia, local: boolean): Promise<AsyncIterable<Uint8Array>> => {
  const { bytes } = await fetchBytes(addressOf(media, local), local)
  return unsealed(bytes, media)
}
