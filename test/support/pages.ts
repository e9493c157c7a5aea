import { readdirSync, readFileSync } from 'node:fs'
import type { GraphServer } from '../doubles/graph/server.ts'
import { APP_SECRET, VERIFY_TOKEN } from './cloud.ts'

/** Meta's side of a Messenger and an Instagram session, with the page and account that the documented samples are for. */
export type PageChannelName = 'messenger' | 'instagram'

export const ACCOUNTS = {
  messenger: {
    object: 'page',
    id: '1906385232743451',
    token: 'a-page-token',
    documented: '8842561234567890',
  },
  instagram: {
    object: 'instagram',
    id: '17841405822304914',
    token: 'a-token-for-instagram',
    documented: '6543217890123456',
  },
} as const satisfies Record<PageChannelName, object>

/** The id of the app by which we send, as Graph tells it. */
const APP_ID = '77'

const folder = (channel: PageChannelName) =>
  new URL(`../../src/providers/${channel}/samples/`, import.meta.url)
export const pageSampleNames = (channel: PageChannelName): string[] =>
  readdirSync(folder(channel)).map(file => file.replace(/\.json$/, ''))

type Event = Record<string, unknown> & {
  sender: { id: string }
  recipient: { id: string }
  timestamp: number | string
}
type PageDelivery = {
  object: string
  entry: { id: string; messaging?: Event[]; changes?: { value: Partial<Event> }[] }[]
}

/** One of Meta's documented deliveries, as it is documented. */
export const pageSample = (channel: PageChannelName, name: string): PageDelivery =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder(channel)), 'utf8')) as PageDelivery

/**
 * A documented delivery as it comes from this person at this moment. `mid`: the message that it brings, or is about;
 * `urls`: where its files lie, in their order.
 */
export const pageEvent = (
  channel: PageChannelName,
  name: string,
  about: { person: string; mid?: string; at?: number; urls?: readonly string[]; ref?: string },
): PageDelivery => {
  const { documented } = ACCOUNTS[channel]
  const { person, mid, at = Date.now(), urls = [], ref } = about
  const delivery = pageSample(channel, name)
  const left = [...urls]
  const told = JSON.stringify(delivery, (key, value: unknown) => {
    if (key === 'id' && value === documented) return person
    if ((key === 'timestamp' || key === 'watermark') && typeof value === 'number') return at
    if (key === 'mid' && mid !== undefined) return mid
    if (key === 'mids' && mid !== undefined) return [mid]
    if (key === 'url' && left.length > 0) return left.shift()
    if (key === 'metadata' && ref !== undefined) return `fio:${ref}`
    return value
  })
  return JSON.parse(told) as PageDelivery
}

/** A plain text of a person, written now. */
export const pageText = (
  channel: PageChannelName,
  person: string,
  mid: string,
  text: string,
): PageDelivery => {
  const delivery = pageEvent(channel, 'text', { person, mid })
  for (const { messaging = [] } of delivery.entry)
    for (const event of messaging) event['message'] = { mid, text }
  return delivery
}

export const pageSession = (graph: GraphServer, channel: PageChannelName) => {
  const { id, token } = ACCOUNTS[channel]
  graph.pages.add(token, {
    pageId: channel === 'messenger' ? id : '101',
    name: 'Loja',
    appId: APP_ID,
    ...(channel === 'instagram' ? { instagram: { id, username: 'loja' } } : {}),
  })
  return {
    name: channel,
    provider: channel,
    queueIds: [],
    settings: { pageId: id, pageAccessToken: token, appSecret: APP_SECRET, verifyToken: VERIFY_TOKEN },
  }
}
