import { expect, test } from 'vitest'
import { parseEntry, type ParseTools } from './parse-entry.ts'

const tools: ParseTools = {
  me: () => [],
  phoneOfLid: () => Promise.resolve(null),
  lidOfPhone: () => Promise.resolve(null),
  groupName: () => Promise.resolve(null),
  refOf: () => Promise.resolve(null),
  wasShown: () => false,
  keepMedia: id => Promise.resolve(id),
}
const varint = (n: number): Buffer => {
  const bytes: number[] = []
  for (; n > 127; n >>>= 7) bytes.push((n & 127) | 128)
  return Buffer.from([...bytes, n])
}
const field = (no: number, body: Buffer): Buffer =>
  Buffer.concat([varint((no << 3) | 2), varint(body.length), body])
/** A text that quotes a text that quotes a text …: `Message.extendedTextMessage.contextInfo.quotedMessage`. */
const quoting = (depth: number): Buffer => {
  let bytes = field(1, Buffer.from('hi'))
  for (let n = 0; n < depth; n++) bytes = field(6, field(17, field(3, bytes)))
  return bytes
}

const entryOf = (bytes: Buffer, at = 1_000) => ({
  kind: 'message' as const,
  key: { remoteJid: '5511987654321@s.whatsapp.net', id: 'A1', fromMe: false },
  at,
  late: false,
  message: bytes.toString('base64'),
})

// It would be read again for ever, and hold up whatever came to the session after it.
test.each([200, 1_500, 2_000, 5_000])(
  'a message that is nested %d deep is handed on as a placeholder, with its bytes',
  async depth => {
    const entry = entryOf(quoting(depth))
    const items = await parseEntry(entry, tools)
    expect(items).toEqual([
      {
        item: 'message',
        message: expect.objectContaining({
          providerMessageId: 'A1',
          kind: 'unsupported',
          raw: { key: entry.key, bytes: entry.message },
        }),
      },
    ])
  },
)

test('a message that quotes one that quotes one is read', async () => {
  const [item] = await parseEntry(entryOf(quoting(5)), tools)
  expect(item).toMatchObject({ message: { kind: 'unsupported', raw: { message: expect.anything() } } })
})

test('bytes that are no message are handed on as a placeholder', async () => {
  const [item] = await parseEntry(entryOf(Buffer.from([0xff, 0xff, 0xff])), tools)
  expect(item).toMatchObject({ message: { kind: 'unsupported', text: 'unsupported: message' } })
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, 9e15])('a time that is none (%d) stops nobody', async at => {
  const [message] = await parseEntry(entryOf(field(1, Buffer.from('hi')), at), tools)
  expect(message).toMatchObject({ message: { text: 'hi', sentAt: '1970-01-01T00:00:00.000Z' } })
  const attrs = { id: 'A1', from: '5511987654321@s.whatsapp.net', t: String(at) }
  const [receipt] = await parseEntry({ kind: 'receipt', attrs, ids: ['A1'] }, tools)
  expect(receipt).toMatchObject({ item: 'status', status: { ack: 'delivered' } })
})
