import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { InboundItem } from '../provider.ts'
import { parseMessaging } from './parse-messaging.ts'

const MID = 'm_1457764197618:41d102a3e1ae206a38'
const SENT = Date.parse('2016-03-23T00:25:52.478Z')
const folder = (channel: string) => new URL(`../${channel}/samples/`, import.meta.url)
const read = (channel: string, name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder(channel)), 'utf8'))
const itemsOf = (channel: string, name: string, appId?: string): readonly InboundItem[] =>
  parseMessaging(read(channel, name), { now: SENT + 1_000, appId }).flatMap(({ items, malformed }) => {
    expect(malformed).toEqual([])
    return items
  })

const message = (more: object) => ({ item: 'message', message: expect.objectContaining(more) as unknown })
const said = (more: object) => message({ type: 'message', providerMessageId: MID, fromMe: false, ...more })
const ignored = (kind: string) => ({ item: 'ignored', kind })
const PERSON = { addresses: [{ kind: 'psid', value: '8842561234567890' }] }
const IG_PERSON = { addresses: [{ kind: 'psid', value: '6543217890123456' }] }
const CDN = 'https://scontent.xx.fbcdn.net/v/t1.15752-9/365_n.jpg?_nc_cat=1&oh=ab&oe=64'
const ASSET = (n: number) => `https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=${n}&signature=s`
const WATERMARK = new Date(1458668856253).toISOString()
const chat = { ...PERSON, group: false }

const MESSENGER: Readonly<Record<string, readonly unknown[]>> = {
  text: [
    said({
      kind: 'text',
      text: 'hello, world!',
      chat,
      author: PERSON,
      sentAt: '2016-03-23T00:25:52.478Z',
      late: false,
    }),
  ],
  'quick-reply': [
    said({
      kind: 'interactive',
      text: 'Hello, world!',
      details: { type: 'quick_reply', id: 'DEVELOPER_DEFINED_PAYLOAD', title: 'Hello, world!' },
    }),
  ],
  reply: [said({ kind: 'text', text: 'this one', quotedProviderMessageId: 'm_1fTq8oLumEyIp3Q2MR' })],
  image: [said({ kind: 'image', text: '', media: { mime: 'image/jpeg', providerMediaId: CDN } })],
  images: [
    said({ kind: 'image', text: 'look', media: { mime: 'image/jpeg', providerMediaId: CDN } }),
    said({ providerMessageId: `${MID}#1`, kind: 'image', text: '' }),
  ],
  video: [said({ kind: 'video', media: expect.objectContaining({ mime: 'video/mp4' }) as unknown })],
  audio: [said({ kind: 'audio', media: expect.objectContaining({ mime: 'audio/mp4' }) as unknown })],
  file: [
    said({
      kind: 'document',
      media: expect.objectContaining({ mime: 'application/pdf', name: 'nota fiscal.pdf' }) as unknown,
    }),
  ],
  sticker: [said({ kind: 'sticker', media: expect.objectContaining({ mime: 'image/png' }) as unknown })],
  location: [
    said({
      kind: 'location',
      text: 'Facebook HQ\nhttps://maps.google.com/?q=37.4845,-122.1477',
      details: { latitude: 37.4845, longitude: -122.1477, name: 'Facebook HQ' },
    }),
  ],
  fallback: [
    said({
      kind: 'text',
      text: 'see https://example.com/shoes',
      details: { type: 'fallback', url: 'https://example.com/shoes' },
    }),
  ],
  reel: [said({ kind: 'text', text: 'A reel\nhttps://www.facebook.com/reel/1' })],
  'from-an-ad': [
    said({
      kind: 'text',
      text: 'Is this available?',
      details: { referral: expect.objectContaining({ ad_id: '120210', source: 'ADS' }) as unknown },
    }),
  ],
  'unknown-attachment': [said({ kind: 'unsupported', text: 'unsupported: hologram' })],
  deleted: [message({ type: 'revoke', target: MID, fromMe: false, chat })],
  postback: [
    message({
      type: 'message',
      providerMessageId: 'm_MESSAGE-ID',
      kind: 'interactive',
      text: 'Get started',
      details: expect.objectContaining({ type: 'postback', id: 'USER_DEFINED_PAYLOAD' }) as unknown,
    }),
  ],
  reaction: [message({ type: 'reaction', target: 'm_TARGET', emoji: '❤️', author: PERSON })],
  unreaction: [message({ type: 'reaction', target: 'm_TARGET', emoji: '' })],
  edit: [
    message({ type: 'edit', target: 'm_TARGET', text: 'hello again', providerMessageId: 'edit:m_TARGET:2' }),
  ],
  delivery: [
    {
      item: 'status',
      status: { providerMessageId: 'm_1458668856218:ed81099e15d3f4f233', ack: 'delivered', at: WATERMARK },
    },
    { item: 'watermark', watermark: { chat, ack: 'delivered', at: WATERMARK } },
  ],
  'delivery-without-ids': [{ item: 'watermark', watermark: { chat, ack: 'delivered', at: WATERMARK } }],
  read: [{ item: 'watermark', watermark: { chat, ack: 'read', at: WATERMARK } }],
  'echo-of-ours': [
    message({ type: 'message', fromMe: true, ref: 'ticket.a.b.1', providerMessageId: 'm_ECHO', chat }),
  ],
  'echo-from-inbox': [message({ type: 'message', fromMe: true, text: 'from the inbox', chat })],
  referral: [ignored('referral')],
  optin: [ignored('optin')],
  'pass-thread-control': [ignored('pass_thread_control')],
  standby: [ignored('standby')],
  'unknown-event': [message({ type: 'message', kind: 'unsupported', text: 'unsupported: wave' })],
  'page-feed': [ignored('field:feed')],
}

const INSTAGRAM: Readonly<Record<string, readonly unknown[]>> = {
  text: [said({ kind: 'text', text: 'oi', author: IG_PERSON })],
  'story-reply': [
    said({ kind: 'text', text: 'so nice', details: { story: { url: ASSET(1), id: '17858893269000001' } } }),
  ],
  'story-mention': [
    said({
      kind: 'text',
      text: `story mention\n${ASSET(2)}`,
      details: { type: 'story_mention', url: ASSET(2) },
    }),
  ],
  image: [said({ kind: 'image', media: { mime: 'image/jpeg', providerMediaId: ASSET(3) } })],
  share: [said({ kind: 'text', text: ASSET(4) })],
  reel: [said({ kind: 'text', text: `Verão\n${ASSET(5)}` })],
  unsupported: [said({ kind: 'unsupported' })],
  deleted: [message({ type: 'revoke', target: MID })],
  postback: [message({ type: 'message', kind: 'interactive', text: 'Preços' })],
  reaction: [message({ type: 'reaction', target: 'm_TARGET', emoji: '❤' })],
  seen: [
    expect.objectContaining({
      item: 'status',
      status: expect.objectContaining({ providerMessageId: 'm_SEEN', ack: 'read' }) as unknown,
    }),
    {
      item: 'watermark',
      watermark: {
        chat: { ...IG_PERSON, group: false },
        ack: 'read',
        at: '2016-03-23T00:25:52.478Z',
        providerMessageId: 'm_SEEN',
      },
    },
  ],
  referral: [ignored('referral')],
  'echo-from-app': [message({ type: 'message', fromMe: true, text: 'from the phone' })],
  'echo-by-app-id': [message({ type: 'message', fromMe: true, text: 'ours' })],
  'message-in-a-change': [
    message({
      type: 'message',
      providerMessageId: 'random_mid',
      text: 'random_text',
      sentAt: '2018-05-27T22:23:44.000Z',
    }),
  ],
  comment: [ignored('field:comments')],
}

describe.each([
  ['messenger', MESSENGER],
  ['instagram', INSTAGRAM],
] as const)('what Meta documents of %s', (channel, samples) => {
  test.each(Object.keys(samples))('%s', name => {
    expect(itemsOf(channel, name)).toEqual(samples[name])
  })
  test('every recorded sample is tried', () => {
    const files = readdirSync(folder(channel)).map(file => file.replace(/\.json$/, ''))
    expect(files.sort()).toEqual(Object.keys(samples).sort())
  })
})

test('what our own app sent is no news, though it comes back without our reference', () => {
  expect(itemsOf('instagram', 'echo-by-app-id', '77')).toEqual([
    {
      item: 'status',
      status: { providerMessageId: 'm_ECHO', ack: 'sent', at: '2016-03-23T00:25:52.478Z' },
    },
  ])
})

test('each entry goes to its own account', () => {
  const one = read('messenger', 'text') as { object: string; entry: { id: string }[] }
  const both = { ...one, entry: [...one.entry, { ...one.entry[0], id: '2' }] }
  expect(parseMessaging(both).map(({ accountId, items }) => [accountId, items.length])).toEqual([
    ['1906385232743451', 1],
    ['2', 1],
  ])
})

test('a part that cannot be read is kept so that it can be read again, and the others go on', () => {
  const delivery = read('messenger', 'text') as { entry: { messaging: unknown[] }[] }
  const bad = {
    sender: { id: '1' },
    recipient: { id: '2' },
    timestamp: 1458692752478,
    message: { text: 'no mid' },
  }
  delivery.entry[0]?.messaging.unshift(bad)
  const [part] = parseMessaging(delivery)
  expect(part?.items).toHaveLength(1)
  expect(part?.malformed).toMatchObject([
    { raw: bad, delivery: { object: 'page', entry: [{ id: '1906385232743451', messaging: [bad] }] } },
  ])
})

test('whatever one field is replaced by, nothing is thrown and nothing is lost', () => {
  for (const channel of ['messenger', 'instagram'])
    for (const file of readdirSync(folder(channel)))
      for (const junk of [null, 7, 'x', [], {}, { id: {} }]) {
        const delivery = read(channel, file.replace(/\.json$/, '')) as {
          entry: { messaging?: Record<string, unknown>[] }[]
        }
        const [event] = delivery.entry[0]?.messaging ?? []
        if (!event) continue
        for (const key of Object.keys(event)) {
          const before = event[key]
          event[key] = junk
          const parts = parseMessaging(delivery)
          const seen = parts.reduce((n, { items, malformed }) => n + items.length + malformed.length, 0)
          expect(seen, `${channel} ${file} ${key} ${JSON.stringify(junk)}`).toBeGreaterThan(0)
          event[key] = before
        }
      }
})
