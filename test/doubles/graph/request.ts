import type { IncomingMessage, ServerResponse } from 'node:http'
import busboy from 'busboy'
import type { GraphCall, UploadedFile } from './types.ts'

/** What came with a request: JSON as it is, a form as its fields and its one file. */
export const bodyOf = async (
  request: IncomingMessage,
): Promise<{ body: unknown; file: UploadedFile | null }> => {
  if (request.headers['content-type']?.startsWith('multipart/form-data')) return formOf(request)
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  return { body: text === '' ? undefined : JSON.parse(text), file: null }
}

const formOf = (request: IncomingMessage) =>
  new Promise<{ body: unknown; file: UploadedFile | null }>((resolve, reject) => {
    const fields: Record<string, string> = {}
    let file: UploadedFile | null = null
    const form = busboy({ headers: request.headers })
    form.on('field', (name, value) => (fields[name] = value))
    form.on('file', (_field, stream, { mimeType, filename }) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => (file = { mime: mimeType, name: filename, bytes: Buffer.concat(parts) }))
    })
    form.on('close', () => resolve({ body: fields, file }))
    form.on('error', reject)
    request.on('error', reject)
    request.pipe(form)
  })

export const answersOf = (
  request: IncomingMessage,
  response: ServerResponse,
  cut: boolean,
): Pick<GraphCall, 'json' | 'fail' | 'bytes'> => {
  const json = (status: number, body: unknown) => {
    if (cut) return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  return {
    json,
    fail: (status, code, message, details, subcode) =>
      json(status, errorBody(code, message, details, subcode)),
    bytes(mime, bytes) {
      if (cut) return void request.socket.destroy()
      response.writeHead(200, { 'content-type': mime, 'content-length': bytes.length }).end(bytes)
    },
  }
}

const errorBody = (code: number, message: string, details?: string, subcode?: number) => ({
  error: {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    ...(details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details } }),
    fbtrace_id: 'A1b2C3d4',
  },
})
