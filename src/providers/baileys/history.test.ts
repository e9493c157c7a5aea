import { afterEach, expect, test, vi } from 'vitest'
import { ACCOUNT, linkedDevice, memoryDrawer } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'
import type { InboundItem, InboundMessage } from '../provider.ts'

const ANA = '5511987654321'
const BIA = '5511987654322'
const STORE = 'https://mmg.whatsapp.net'
const YESTERDAY = Date.now() - 86_400_000

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllGlobals()
  for (const close of closing.splice(0).reverse()) await close()
})

const linked = async (settings: object) => {
  const made = await linkedDevice({ settings })
  const { whatsapp, device } = made
  closing.push(
    () => whatsapp.close(),
    () => device.connection.close(),
  )
  await whatsapp.person({ number: ANA, name: 'Ana' })
  await whatsapp.person({ number: BIA, name: 'Bia' })
  const messages = (): Extract<InboundMessage, { type: 'message' }>[] =>
    device.items.flatMap(one =>
      one.item === 'message' && one.message.type === 'message' ? [one.message] : [],
    )
  return { ...made, messages }
}
const text = (id: string, minute: number, fromMe = false) => ({
  id,
  fromMe,
  content: { kind: 'text' as const, text: id },
  at: YESTERDAY + minute * 60_000,
})
/** What clients look for at WhatsApp's host lies in the local store: the name of the host is all that differs. */
const plain = globalThis.fetch
const storeOf = ({ mediaUrl }: { mediaUrl: string }) =>
  vi.stubGlobal('fetch', (url: unknown, init?: RequestInit) =>
    plain(String(url instanceof Request ? url.url : url).replace(STORE, mediaUrl), {
      headers: init?.headers ?? {},
      method: init?.method ?? 'GET',
      ...(init?.body ? { body: init.body } : {}),
    }),
  )
const past = (stored: boolean) => ({
  account: ACCOUNT,
  stored,
  chats: [
    { with: ANA, messages: [text('a1', 0), text('a2', 2, true), text('a3', 4)] },
    { with: BIA, messages: [text('b1', 1), text('b2', 3)] },
  ],
})

test.each([false, true])(
  'the past is taken over in its order and marked late (in the store: %s)',
  async stored => {
    const { whatsapp, device, messages } = await linked({ historySync: true })
    storeOf(whatsapp)
    await whatsapp.history(past(stored))
    await until('the past', () => messages().length >= 5)
    expect(messages().map(one => one.text)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
    expect(messages().every(one => one.late && one.history)).toBe(true)
    expect(messages().map(one => one.fromMe)).toEqual([false, false, true, false, false])
    expect(messages()[0]).toMatchObject({
      chat: { addresses: [{ kind: 'phone', value: ANA }, { kind: 'lid' }], group: false },
      sentAt: new Date(Math.floor(YESTERDAY / 1_000) * 1_000).toISOString(),
    })
    // Told again, as after a second link: the same messages under the same ids, which the engine knows.
    const before = messages().map(({ providerMessageId, chat, author }) => ({
      providerMessageId,
      chat,
      author,
    }))
    await device.connection.close()
    await device.connected()
    await whatsapp.history(past(stored))
    await until('the past again', () => messages().length >= 10)
    const again = messages().slice(5)
    expect(again.map(({ providerMessageId, chat, author }) => ({ providerMessageId, chat, author }))).toEqual(
      before,
    )
  },
)

test('what people set under a message of the past comes right behind it, under ids of its own', async () => {
  const { whatsapp, device } = await linked({ historySync: true })
  const at = YESTERDAY + 10 * 60_000
  const reactions = [
    { id: 'r1', emoji: '👍', at },
    { id: 'r2', emoji: '❤️', at, fromMe: true },
    { id: 'r3', emoji: '', at },
  ]
  const messages = [{ ...text('a1', 0), reactions }, text('a2', 2)]
  await whatsapp.history({ account: ACCOUNT, chats: [{ with: ANA, messages }] })
  const said = (): InboundMessage[] =>
    device.items.flatMap(one => (one.item === 'message' ? [one.message] : []))
  await until('the past', () => said().length >= 4)
  const chat = { addresses: [{ kind: 'phone', value: ANA }, { kind: 'lid' }], group: false }
  const sentAt = new Date(Math.floor(at / 1_000) * 1_000).toISOString()
  const reaction = { type: 'reaction', history: true, target: 'a1', chat, sentAt }
  expect(said()).toMatchObject([
    { type: 'message', providerMessageId: 'a1' },
    { ...reaction, providerMessageId: 'r1', emoji: '👍', fromMe: false },
    { ...reaction, providerMessageId: 'r2', emoji: '❤️', fromMe: true },
    { type: 'message', providerMessageId: 'a2' },
  ])
})

test('a death between the receipt and the download loses nothing of the past', async () => {
  const { whatsapp, device, provider, ids } = await linked({ historySync: true })
  const together: string[][] = []
  device.drawer.onCommit(changes => {
    const keys = [...changes].filter(([, value]) => value !== null).map(([key]) => key)
    if (keys.some(key => key.startsWith('past/'))) together.push(keys.map(key => key.split('/')[0] ?? ''))
  })
  // WhatsApp's store does not answer: whoever waits for it waits until it dies.
  vi.stubGlobal('fetch', () => new Promise(() => {}))
  await whatsapp.history(past(true))
  const receipts = async () =>
    (await whatsapp.receiptsFrom({ account: ACCOUNT })).filter(({ type }) => type === 'hist_sync')
  await until('the receipt', async () => (await receipts()).length === 1)
  // The key that opened it and what it said are one commit.
  expect(together).toEqual([expect.arrayContaining(['past', 'key'])])
  const left = memoryDrawer()
  for (const [key, value] of device.drawer.values) left.values.set(key, value)
  storeOf(whatsapp)
  const items: InboundItem[] = []
  const next = await provider.connect({
    ...ids,
    credentials: {},
    settings: { historySync: true },
    store: left.store,
    handlers: { onItems: async got => void items.push(...got), onState: () => {} },
  })
  closing.push(() => next.close())
  await until('that nothing waits', () => ![...left.values.keys()].some(key => key.startsWith('past/')))
  const texts = items.flatMap(one =>
    one.item === 'message' && one.message.type === 'message' ? [one.message.text] : [],
  )
  expect(texts).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
})

test('where it was not asked for nothing of the past comes', async () => {
  const { whatsapp, messages } = await linked({})
  await whatsapp.history(past(false))
  await whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'now' } })
  await until('what comes now', () => messages().some(one => one.text === 'now'))
  expect(messages().map(one => one.text)).toEqual(['now'])
})

test('names of the address book are taken over where that was asked for', async () => {
  const named = (items: readonly InboundItem[]) =>
    items.flatMap(one => (one.item === 'identity' && one.party.name ? [one.party] : []))
  const { whatsapp, device } = await linked({ importContacts: true, historySync: true })
  await whatsapp.history(past(false))
  await until('both names', () => named(device.items).length >= 2)
  expect(
    device.items.every(
      one => one.item !== 'identity' || (one.keep === true) === (one.party.name !== undefined),
    ),
  ).toBe(true)
  expect(named(device.items)).toMatchObject([
    { name: 'Ana', addresses: [{ kind: 'phone', value: ANA }, { kind: 'lid' }] },
    { name: 'Bia', addresses: [{ kind: 'phone', value: BIA }, { kind: 'lid' }] },
  ])
})

test('who is written into the phone’s address book is told of, with number and hidden id', async () => {
  const { whatsapp, device } = await linked({ importContacts: true })
  await whatsapp.person({ number: '5511987654399', name: 'Never Wrote' })
  await whatsapp.addressBook({ account: ACCOUNT, people: [{ number: '5511987654399', name: 'Carla' }] })
  await whatsapp.addressBook({ account: ACCOUNT, people: [{ number: ANA, name: 'Ana of the shop' }] })
  const kept = () => device.items.flatMap(one => (one.item === 'identity' && one.keep ? [one.party] : []))
  await until('both', () => kept().length >= 2)
  expect(kept()).toMatchObject([
    { name: 'Carla', addresses: [{ kind: 'phone', value: '5511987654399' }, { kind: 'lid' }] },
    { name: 'Ana of the shop', addresses: [{ kind: 'phone', value: ANA }, { kind: 'lid' }] },
  ])
})

test('an address book that nobody asked for is not told of', async () => {
  const { whatsapp, device } = await linked({})
  await whatsapp.addressBook({ account: ACCOUNT, people: [{ number: ANA, name: 'Ana of the shop' }] })
  await whatsapp.write({ from: BIA, to: ACCOUNT, content: { kind: 'text', text: 'now' } })
  await until('what comes now', () => device.texts().includes('now'))
  expect(device.items.filter(one => one.item === 'identity' && one.keep)).toEqual([])
})
