import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { ACCOUNT, linkedDevice } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'
import type { InboundMessage } from '../provider.ts'

const ANA = '5511987654321'
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const ready = async (options: Parameters<typeof linkedDevice>[0] = {}) => {
  const made = await linkedDevice(options)
  const { whatsapp, device } = made
  closing.push(
    () => whatsapp.close(),
    () => device.connection.close(),
  )
  const messages = (): InboundMessage[] =>
    device.items.flatMap(one => (one.item === 'message' ? [one.message] : []))
  const nth = (n: number) => until(`message ${n}`, () => messages()[n - 1])
  const write = (content: object, more = {}) =>
    whatsapp.write({ from: ANA, to: ACCOUNT, content: content as never, ...more })
  await whatsapp.person({ number: ANA, name: 'Ana' })
  await write({ kind: 'text', text: 'first' })
  await nth(1)
  return { ...made, messages, nth, write }
}

test('what the phone sends again only later is handed on as what the shown one says', async () => {
  const { whatsapp, device, messages, nth, write } = await ready({ resendMsMax: 50 })
  await whatsapp.misbehave({ account: ACCOUNT, loseRetries: 1_000 })
  const text = await write({ kind: 'text', text: 'selado' }, { undecryptable: true })
  expect(await nth(2)).toMatchObject({ kind: 'undecryptable', text: '', providerMessageId: text.id })
  const photo = { kind: 'image', bytes: randomBytes(10), mime: 'image/jpeg', caption: 'veja' }
  const file = await write(photo, { undecryptable: true })
  expect(await nth(3)).toMatchObject({ kind: 'undecryptable', providerMessageId: file.id })

  // Another process by then: what was shown is known from the drawer.
  await device.connection.close()
  await device.connected()
  for (const { id } of [text, file]) await whatsapp.repeat({ from: ANA, to: ACCOUNT, id })
  await nth(5)
  expect(messages().slice(3)).toMatchObject([
    { type: 'message', kind: 'text', text: 'selado', providerMessageId: text.id, deciphered: true },
    { type: 'message', kind: 'image', text: 'veja', providerMessageId: file.id, deciphered: true },
  ])
  expect(messages()[4]).toHaveProperty('media.providerMediaId')
  expect(messages()).toHaveLength(5)
})

test('what is sent again at once was never shown as anything else', async () => {
  const { messages, nth, write } = await ready()
  await write({ kind: 'text', text: 'selado' }, { undecryptable: true })
  expect(await nth(2)).toMatchObject({ kind: 'text', text: 'selado' })
  expect(messages()[1]).not.toHaveProperty('deciphered')
})
