import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Where media lies, sealed, on plain HTTP. Clients upload to `https://` only, so a client that sends media needs an agent that
 * speaks plainly to loopback (`fetchAgent`); for downloads nothing is needed.
 */
export type MediaStore = Awaited<ReturnType<typeof startMediaStore>>

export const startMediaStore = async () => {
  const blobs = new Map<string, Buffer>()
  const uploads: string[] = []
  let failing = 0
  let silent = false
  let next = 1

  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (failing > 0) {
      failing -= 1
      request.resume()
      if (silent) return
      return void response.writeHead(503).end()
    }
    if (request.method === 'GET') {
      const blob = blobs.get(path)
      return void (blob ? response.end(blob) : response.writeHead(404).end())
    }
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      blobs.set(path, Buffer.concat(parts))
      uploads.push(path)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ url: urlOf(path), direct_path: path }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const urlOf = (path: string): string => `http://${host}${path}`

  return {
    host,
    uploads,
    /** Keeps the bytes and answers where. */
    keep(bytes: Buffer, folder = 'in'): string {
      const path = `/${folder}/${next++}`
      blobs.set(path, bytes)
      return urlOf(path)
    },
    find(place: {
      directPath?: string | null | undefined
      url?: string | null | undefined
    }): Buffer | undefined {
      return blobs.get(place.directPath || (place.url ? new URL(place.url).pathname : ''))
    },
    forget(url: string): void {
      blobs.delete(new URL(url).pathname)
    },
    /** The next so many requests are answered with 503, or never. */
    failNext(times: number, without: 'success' | 'answer' = 'success'): void {
      failing = times
      silent = without === 'answer'
    },
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
