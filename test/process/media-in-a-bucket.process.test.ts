import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Jimp } from 'jimp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imageSize } from '../../src/media/image-size.ts'
import { EICAR, startClamd } from '../doubles/clamd.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { startS3Server, type S3Server } from '../doubles/s3/server.ts'
import { ADMIN } from '../support/world.ts'
import { startApp } from '../support/app.ts'
import { cloudSession, postDelivery, sample, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'

/** A whole server whose files lie in a bucket and are scanned: in from the channel, on the screen, and out to the channel. */
const IMAGE_ID = '1003383421387256'
/** Seven mebibytes of text, more than goes to a bucket at once. */
const LINES = 500_000
let graph: GraphServer
let s3: S3Server
let clamd: Awaited<ReturnType<typeof startClamd>>
let app: Awaited<ReturnType<typeof startApp>>
let token: string
let sessionId: string
let ticketId: string
let photo: Buffer

beforeAll(async () => {
  ;[graph, s3, clamd] = await Promise.all([startGraphServer(), startS3Server(), startClamd()])
  const { endpoint, accessKeyId, secretAccessKey, bucket } = s3.address
  const key = [accessKeyId, secretAccessKey].map(encodeURIComponent).join(':')
  const MEDIA_URL = `s3://${key}@${new URL(endpoint).host}/${bucket}?tls=false&prefix=desk`
  app = await startApp({
    column: 'embedded',
    env: { GRAPH_URL: graph.url, MEDIA_URL, CLAMD_URL: clamd.url },
  })
  const login = await fetch(`${app.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(ADMIN),
  })
  token = ((await login.json()) as { accessToken: string }).accessToken
  const picture = new Jimp({ width: 640, height: 480, color: 0x336699ff })
  // What compresses badly: a thumbnail is for what is large.
  for (let at = 0; at < picture.bitmap.data.length; at += 4)
    picture.bitmap.data.writeUInt16LE((at * 2_654_435_761) % 65_536, at)
  photo = await picture.getBuffer('image/jpeg', { quality: 90 })
})
afterAll(async () => {
  await app?.close()
  await Promise.all([graph, s3, clamd].map(one => one?.close()))
})

const fetched = (path: string): Promise<Response> =>
  fetch(path.startsWith('http') ? path : app.url + path, {
    headers: path.startsWith('http') ? {} : { Authorization: `Bearer ${token}` },
  })
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer())
const upload = (bytes: Buffer<ArrayBuffer>, name: string, query = ''): Promise<Response> => {
  const form = new FormData()
  form.append('file', new Blob([bytes]), name)
  return fetch(`${app.url}/api/v1/uploads${query}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: form,
  })
}
const nameIn = (bytes: Buffer): RegExp =>
  new RegExp(`^desk/[0-9a-f-]{36}/${createHash('sha256').update(bytes).digest('hex')}$`)
const names = (): string[] => [...s3.objects.keys()]

test('a customer’s picture goes into the bucket, and comes whole, in part, small and by a link', async () => {
  graph.addMedia(IMAGE_ID, 'image/jpeg', photo)
  sessionId = await app.api.openSession(cloudSession(graph))
  expect((await postDelivery(app.url, sessionId, sample('image'))).status).toBe(200)
  ticketId = (await until('the ticket', async () => (await app.api.ticketsOf(sessionId, 'Ana Souza'))[0])).id
  const media = await until('the picture', async () => {
    const found = (await app.api.messages(ticketId))[0]?.media
    return found?.url ? found : undefined
  })
  expect(names().filter(name => nameIn(photo).test(name))).toHaveLength(1)
  expect(media).toMatchObject({ width: 640, height: 480, size: photo.length })
  expect((await bytesOf(await fetched(media.url!))).equals(photo)).toBe(true)
  const part = await fetch(app.url + media.url!, {
    headers: { Authorization: `Bearer ${token}`, Range: 'bytes=100-199' },
  })
  expect((await bytesOf(part)).equals(photo.subarray(100, 200))).toBe(true)

  const small = await bytesOf(await fetched(media.thumbnailUrl!))
  expect(imageSize(small)).toEqual({ width: 320, height: 240 })
  expect(names().filter(name => name.endsWith('.thumbnail.jpg'))).toHaveLength(1)

  const { url } = (await (await fetched(`${media.url}/link`)).json()) as { url: string }
  const { pathname, search } = new URL(url)
  expect((await bytesOf(await fetched(app.url + pathname + search))).equals(photo)).toBe(true)
})

test('a file that is larger than a part, and a voice note, go out of the bucket to the channel', async () => {
  // The picture is an old one: only who wrote within a day may be written to.
  const now = texts('5511987654321', 'Ana Souza', [{ id: 'wamid.now', body: 'e a lista?' }])
  expect((await postDelivery(app.url, sessionId, now)).status).toBe(200)
  await app.api.post(`/tickets/${ticketId}/accept`)
  const document = Buffer.from('a line of text\n'.repeat(LINES))
  const webm = Buffer.from(
    await readFile(new URL('../../src/media/voice/testing/chromium.webm', import.meta.url)),
  )
  const sent: { id: string; mime: string }[] = []
  for (const [bytes, name, query] of [
    [document, 'list.txt', ''],
    [webm, 'voice.ogg', '?kind=voice'],
  ] as const) {
    const kept = (await (await upload(bytes, name, query)).json()) as { id: string; mime: string }
    const { id } = await app.api.post(`/tickets/${ticketId}/messages`, { uploadId: kept.id })
    sent.push({ id, mime: kept.mime })
  }
  expect(sent.map(({ mime }) => mime)).toEqual(['text/plain', 'audio/ogg; codecs=opus'])
  await until('both sent', async () => {
    const messages = await app.api.messages(ticketId)
    const acks = sent.map(({ id }) => messages.find(message => message.id === id))
    for (const message of acks) expect(message?.error).toBeUndefined()
    return acks.every(message => message && !['queued', 'sending'].includes(message.ack))
  })
  const atChannel = [...graph.media.values()].map(({ bytes }) => bytes)
  expect(atChannel.some(bytes => bytes.equals(document))).toBe(true)
  expect(atChannel.some(bytes => bytes.toString('latin1', 0, 4) === 'OggS')).toBe(true)
  expect(names().filter(name => name.includes('/incoming/'))).toEqual([])
})

test('malware does not come into the bucket', async () => {
  const before = names().length
  const refused = await upload(Buffer.from(EICAR), 'list.txt')
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([422, 'malware-found'])
  expect(names()).toHaveLength(before)
})
