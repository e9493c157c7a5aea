import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WhatsAppControl } from './control.ts'
import { phonePage } from './phone-page.ts'
import { readQr } from './read-qr.ts'
import { fromWire, toWire } from './wire.ts'

const BODY_BYTES_MAX = 64 * 1024 * 1024

/**
 * The control over HTTP, for other processes: `POST /do/write` with the wish as JSON; bytes are `{ "$bytes": base64 }`. At `/`
 * is a page with a phone on it, for people.
 */
export const startControlServer = async (control: WhatsAppControl, port = 0) => {
  const deeds = new Map<string, (wish: never) => Promise<unknown>>(Object.entries(control))
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      response.writeHead(400, { 'content-type': 'application/json' }).end(toWire({ error: message }))
    })
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/'
    if (request.method === 'GET' && path === '/')
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(phonePage)
    if (request.method === 'GET') return void response.writeHead(404).end()
    // A page of somebody else cannot send this type without asking first.
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
      return void response.writeHead(405).end()
    const wish = fromWire(await bodyOf(request))
    const result = path === '/read-qr' ? await readQr(wish) : await deed(path)(wish as never)
    response.writeHead(200, { 'content-type': 'application/json' }).end(toWire(result))
  }

  const deed = (path: string) => {
    const found = deeds.get(path.replace('/do/', ''))
    if (!found) throw new Error(`there is nothing at ${path}`)
    return found
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    const bytes = Buffer.from(part as Uint8Array)
    length += bytes.length
    if (length > BODY_BYTES_MAX) throw new Error('the body is too long')
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}
