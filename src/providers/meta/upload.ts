import { randomUUID } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { OutboundMedia } from '../provider.ts'

/** An answer of Graph to a form; `null`: none came, whatever the reason. */
export type FormAnswer = {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | null
} | null

const ANSWER_BYTES_MAX = 64 * 1024
const QUOTES = /["\r\n]/g

/**
 * Posts fields and one file as a form, reading the file as the socket takes it, never holding it whole. Its length is
 * said beforehand: Meta refuses a form of unknown length.
 * @throws Error when the file could not be read, or is not as long as it was said to be.
 */
export const postForm = async (
  url: string,
  token: string,
  form: {
    readonly fields: Readonly<Record<string, string>>
    readonly field: string
    readonly file: OutboundMedia
  },
  timeoutMs: number,
): Promise<FormAnswer> => {
  const { fields, field, file } = form
  const boundary = `----fio${randomUUID().replaceAll('-', '')}`
  const head = Buffer.from(
    Object.entries(fields)
      .map(
        ([name, value]) =>
          `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      )
      .join('') +
      `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${nameOf(file)}"\r\n` +
      `content-type: ${file.mime.replace(QUOTES, '')}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  const source = await file.open()
  let unread: Error | null = null
  const body = async function* () {
    yield head
    let left = file.size
    try {
      for await (const part of source) {
        left -= part.length
        if (left < 0) throw new Error('the file is longer than it was said to be')
        yield part
      }
      if (left > 0) throw new Error('the file is shorter than it was said to be')
    } catch (error) {
      unread = error instanceof Error ? error : new Error(String(error))
      throw unread
    }
    yield tail
  }
  const stop = AbortSignal.timeout(timeoutMs)
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const request = send(url, {
    method: 'POST',
    signal: stop,
    // A socket that was cut in the middle of a file is nobody's next one.
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + file.size + tail.length,
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  // Meta may answer, and close, before it has read all: its answer counts then.
  const sending = pipeline(Readable.from(body()), request).catch(() => undefined)
  try {
    const response = await answered
    const text = await textOf(response)
    return { status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] ?? null }
  } catch {
    if (unread) throw unread as Error
    return null
  } finally {
    request.destroy()
    await sending
  }
}

const nameOf = (file: OutboundMedia): string =>
  (file.name ?? `file.${file.mime.split(/[/;+]/)[1] ?? 'bin'}`).replace(QUOTES, '_')

const textOf = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > ANSWER_BYTES_MAX) throw new Error(`an answer over ${ANSWER_BYTES_MAX} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
