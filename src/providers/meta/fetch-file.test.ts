import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { fetchFile, isMetas } from './fetch-file.ts'

const GRAPH = 'https://graph.facebook.com'

test.each([
  ['https://scontent.xx.fbcdn.net/v/t1.15752-9/1.jpg?oh=1', true],
  ['https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=x', true],
  ['https://scontent.cdninstagram.com/v/1.mp4', true],
  ['https://graph.facebook.com/x', true],
  ['http://scontent.xx.fbcdn.net/1.jpg', false],
  ['https://evil-fbcdn.net/1.jpg', false],
  ['https://fbcdn.net.evil.com/1.jpg', false],
  ['https://fbcdn.net@evil.com/1.jpg', false],
  ['https://me:you@scontent.xx.fbcdn.net/1.jpg', false],
  ['https://scontent.xx.fbcdn.net:8443/1.jpg', false],
  ['http://127.0.0.1:5432/', false],
  ['http://169.254.169.254/latest/meta-data', false],
  ['file:///etc/passwd', false],
  ['', false],
])('%s: %s', (address, asked) => {
  expect(isMetas(address, GRAPH)).toBe(asked)
})

test('a redirection that leads away from Meta is not followed, one that stays is', async () => {
  const asked: string[] = []
  const inside = createServer((_request, response) => {
    asked.push('inside')
    response.end('secret')
  })
  await new Promise<void>(resolve => inside.listen(0, '127.0.0.1', resolve))
  const away = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/`
  const server = createServer((request, response) => {
    if (request.url === '/away') return void response.writeHead(302, { location: away }).end()
    if (request.url === '/round') return void response.writeHead(302, { location: '/round' }).end()
    if (request.url === '/moved') return void response.writeHead(302, { location: '/here' }).end()
    if (request.url === '/here') return void response.setHeader('content-type', 'image/png').end('abc')
    response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const graphUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const ask = (path: string, limit = 10) => fetchFile(`${graphUrl}${path}`, { graphUrl, limit })
    await expect(ask('/away')).rejects.toThrow('not one of Meta')
    await expect(ask('/round')).rejects.toThrow('redirections')
    await expect(ask('/gone')).rejects.toThrow('HTTP 404')
    expect(asked).toEqual([])
    const file = await ask('/moved')
    expect(file.mime).toBe('image/png')
    const parts: Uint8Array[] = []
    for await (const part of file.bytes) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe('abc')
    await expect(
      ask('/moved', 2).then(async ({ bytes }) => {
        for await (const _ of bytes) continue
      }),
    ).rejects.toThrow('over 2 bytes')
  } finally {
    server.closeAllConnections()
    server.close()
    inside.close()
  }
})

test('a file that nobody said the size of is cut off at the limit, and the line with it', async () => {
  let gone: (() => void) | undefined
  const cut = new Promise<void>(resolve => (gone = resolve))
  const server = createServer((_request, response) => {
    response.on('close', () => gone?.())
    const piece = Buffer.alloc(16 * 1024, 1)
    const more = (): void => {
      if (response.destroyed) return
      if (response.write(piece)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const graphUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { bytes, size } = await fetchFile(`${graphUrl}/endless`, { graphUrl, limit: 100_000 })
    expect(size).toBeUndefined()
    let read = 0
    const reading = (async () => {
      for await (const part of bytes) read += part.length
    })()
    await expect(reading).rejects.toMatchObject({ name: 'MediaTooLarge', limit: 100_000 })
    expect(read).toBeLessThanOrEqual(100_000)
    await cut
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
