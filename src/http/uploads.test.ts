import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EICAR, startClamd } from '../../test/doubles/clamd.ts'
import { whole } from '../media/contract.ts'
import { createScanMedia } from '../media/scan.ts'
import { silentLog } from '../shared/log.ts'
import { idOf } from './testing/fixtures.ts'
import { startApp, type Started } from './testing/start-app.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const MIB = 1024 * 1024

let http: Started
let agent: string
beforeAll(async () => {
  http = await startApp()
  agent = await http.login('bob')
})
afterAll(() => http.close())

type Sent = { token?: string; query?: string; key?: string }
const send = (
  bytes: string | Buffer<ArrayBuffer>,
  name: string,
  { token = agent, query = '', key }: Sent = {},
  type = '',
) => {
  const form = new FormData()
  form.append('file', new Blob([bytes], { type }), name)
  return http.call(`/api/v1/uploads${query}`, {
    method: 'POST',
    token,
    body: form,
    ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
  })
}
const problem = async (answer: Response) => {
  const { status, code } = (await answer.json()) as { status: number; code: string }
  return { status, code }
}

test('a file is kept as what its bytes say, and the message of its company finds it', async () => {
  const answer = await send(PNG, 'fôto "1".txt', {}, 'text/html')
  expect(answer.status).toBe(201)
  const made = (await answer.json()) as { id: string }
  expect(made).toMatchObject({
    mime: 'image/png',
    size: PNG.length,
    name: 'fôto "1".txt',
    kind: 'image',
    width: 1,
    height: 1,
  })
  const taken = await http.uploads.take(idOf('acme'), made.id)
  expect(taken).toMatchObject({ id: made.id, mime: 'image/png', sha256: expect.any(String) })
  const file = await http.parts.media.get(taken!.key)
  expect((await whole(file!.bytes)).equals(PNG)).toBe(true)
  expect(await http.uploads.take(idOf('globex'), made.id)).toBeNull()
})

test('it is sent as its sender wishes, where the bytes allow it', async () => {
  const kindOf = async (query: string) =>
    ((await (await send(PNG, 'x.png', { query })).json()) as { kind: string }).kind
  expect(await kindOf('?kind=document')).toBe('document')
  expect(await kindOf('?kind=voice')).toBe('image')
  expect(await problem(await send(PNG, 'x', { query: '?kind=virus' }))).toEqual({
    status: 422,
    code: 'invalid',
  })
})

test('what a browser recorded becomes a voice note; the same again is the same; other sound stays sound', async () => {
  const webm = await readFile(new URL('../media/voice/testing/chromium.webm', import.meta.url))
  const voice = { query: '?kind=voice', key: 'spoken' }
  const answers = [1, 2].map(() => send(webm, 'voice.ogg', voice, 'audio/webm'))
  const [one, two] = (await Promise.all((await Promise.all(answers)).map(answer => answer.json()))) as [
    { id: string; size: number },
    { id: string },
  ]
  expect(one).toMatchObject({ mime: 'audio/ogg; codecs=opus', kind: 'voice' })
  expect(one).toMatchObject({ seconds: expect.closeTo(3, 0), size: expect.any(Number) })
  expect(two.id).toBe(one.id)
  const file = await http.parts.media.get((await http.uploads.take(idOf('acme'), one.id))!.key)
  expect((await whole(file!.bytes)).toString('latin1', 0, 4)).toBe('OggS')
  // As a film or as sound it stays what it is.
  expect(await (await send(webm, 'a.webm', {}, 'audio/webm')).json()).toMatchObject({
    mime: 'audio/webm',
    kind: 'audio',
  })
  const cut = await send(webm.subarray(0, 40), 'voice.ogg', { query: '?kind=voice' }, 'audio/webm')
  expect([cut.status, ((await cut.json()) as { kind?: string }).kind]).toEqual([201, 'audio'])
})

test('who may not write may not upload, nor may a stranger', async () => {
  expect(await problem(await send('x', 'x.txt', { token: await http.login('aud') }))).toEqual({
    status: 403,
    code: 'forbidden',
  })
})

test('the same request twice is one upload; the same key for another file is refused', async () => {
  const ids = await Promise.all(
    [1, 2].map(
      async () => ((await (await send('same', 'a.txt', { key: 'k1' })).json()) as { id: string }).id,
    ),
  )
  expect(ids[0]).toBe(ids[1])
  expect(await problem(await send('other', 'a.txt', { key: 'k1' }))).toEqual({
    status: 422,
    code: 'idempotency-key-reused',
  })
  // Another company's key of the same name is another key.
  const theirs = await send('same', 'a.txt', { key: 'k1', token: await http.login('ana', 'globex') })
  expect(((await theirs.json()) as { id: string }).id).not.toBe(ids[0])
})

test.each([
  ['a page', '<!doctype html><script>alert(1)</script>', 'a.txt'],
  ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(300)]), 'a.png'],
  ['a script by its name', 'echo 1', 'a.bat'],
  ['nothing known', Buffer.from([0, 1, 2, 250, 251, 252, 0, 9]), 'a.bin'],
])('%s is refused', async (_, bytes, name) => {
  expect(await problem(await send(bytes, name))).toEqual({ status: 415, code: 'file-refused' })
})

test('over the limit: 413, and nothing is kept', async () => {
  const large = Buffer.alloc(100 * MIB + 1, 'a')
  const answer = await send(large, 'large.txt').catch(() => null)
  // The server answers and cuts the line while the browser still sends: either is seen.
  if (answer) expect(await problem(answer)).toEqual({ status: 413, code: 'too-large' })
  const good = await send(large.subarray(0, 100 * MIB), 'large.txt')
  expect(good.status).toBe(201)
  await good.json()
})

test('a file over the company’s limit is refused, naming the limit', async () => {
  http.readModels.settings = { ...http.readModels.settings, outboundMediaBytesMax: 70_000 }
  try {
    const answer = await send('a'.repeat(70_001), 'a.txt')
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 'too-large', data: { max: 70_000 } })
    expect((await send('a'.repeat(70_000), 'a.txt')).status).toBe(201)
  } finally {
    http.readModels.settings = { ...http.readModels.settings, outboundMediaBytesMax: null }
  }
})

test.each([
  ['no form', 'application/json', '{}', 415],
  [
    'a form without a file',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    422,
  ],
  [
    'a form that ends too soon',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf',
    422,
  ],
  ['a form of another shape', 'multipart/form-data; boundary=x', 'what', 422],
  ['no boundary', 'multipart/form-data', 'what', 415],
])('%s is refused', async (_, type, body, status) => {
  const answer = await http.call('/api/v1/uploads', {
    method: 'POST',
    token: agent,
    body,
    headers: { 'Content-Type': type },
  })
  expect((await problem(answer)).status).toBe(status)
})

test('malware is refused by its name, and who brought it goes into the log', async () => {
  const clamd = await startClamd()
  const scan = createScanMedia({ address: clamd.address, failOpen: false, log: silentLog })
  const app = await startApp({}, { scan })
  try {
    const form = new FormData()
    form.append('file', new Blob([EICAR]), 'invoice.txt')
    const token = await app.login('bob')
    const answer = await app.call('/api/v1/uploads', { method: 'POST', token, body: form })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      code: 'malware-found',
      data: { found: 'Eicar-Test-Signature' },
    })
    expect(app.asked).toMatchObject([
      {
        command: 'user.refuseUpload',
        principal: { kind: 'system', companyId: idOf('acme'), actor: { kind: 'user', id: idOf('acme bob') } },
        input: { id: idOf('acme bob'), fileName: 'invoice.txt', found: 'Eicar-Test-Signature' },
      },
    ])
  } finally {
    await app.close()
    await clamd.close()
  }
})
