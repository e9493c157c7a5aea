import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { ACCOUNT, linkedDevice } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'
import type { InboundMessage } from '../provider.ts'
import { createUndecryptable } from './undecryptable.ts'

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

describe('while nothing can be written down', () => {
  const stage = () => {
    const due: (() => void)[] = []
    const shown: string[] = []
    const told: string[] = []
    let away = true
    const undecryptable = createUndecryptable({
      clock: { after: (_, task) => (due.push(task), () => void due.splice(due.indexOf(task), 1)) },
      log: {
        warn: (about: { err: Error }, what: string) => void told.push(`${what}: ${about.err.message}`),
      } as never,
      shown: [],
      resendMsMax: 10,
      show: async ({ key }) => {
        if (away && key.id !== 'b') throw new Error('the vault is away')
        shown.push(key.id ?? '')
      },
    })
    const fail = (id: string): void => undecryptable.failed({ key: { id }, at: 0, late: false }, 'no session')
    return { undecryptable, due, shown, told, fail, back: () => (away = false) }
  }

  test('what could not be shown waits once more, and is shown when it can be', async () => {
    const { undecryptable, due, shown, told, fail, back } = stage()
    fail('a')
    due.shift()?.()
    await until('it to wait again', () => due.length === 1)
    expect(undecryptable.wasShown('a')).toBe(false)
    expect(told).toEqual(['what could not be opened could not be written down yet: the vault is away'])
    back()
    due.shift()?.()
    await until('it to be shown', () => undecryptable.wasShown('a'))
    expect({ shown, due }).toEqual({ shown: ['a'], due: [] })
  })

  test('at the end each is tried on its own, and the failure is told', async () => {
    const { undecryptable, shown, fail } = stage()
    for (const id of ['a', 'b']) fail(id)
    await expect(undecryptable.flush()).rejects.toThrow('the vault is away')
    expect(shown).toEqual(['b'])
  })
})
