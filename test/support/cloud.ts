import { readdirSync, readFileSync } from 'node:fs'
import { signatureOf } from '../../src/providers/meta/signature.ts'
import { webhookBodyOf } from '../doubles/graph/webhook-bodies.ts'
import type { GraphServer } from '../doubles/graph/server.ts'
import type { SentMessage } from '../doubles/graph/types.ts'

/** Meta's side of a Cloud API session, with the business number that the documented samples are for. */
export const NUMBER = '106540352242922'
export const APP_SECRET = 'the-secret-of-the-app'
export const VERIFY_TOKEN = 'the-verify-token'
const ACCESS_TOKEN = 'the-access-token'

const SAMPLES = new URL('../../src/providers/cloud/samples/', import.meta.url)
export const sampleNames = (): string[] => readdirSync(SAMPLES).map(file => file.replace(/\.json$/, ''))

type Value = {
  messages?: { id: string; timestamp?: string; from?: string; text?: { body: string } }[]
  statuses?: { id: string; biz_opaque_callback_data?: string }[]
}
type Delivery = { entry: { changes: { value: Value }[] }[] }

/** One of Meta's documented deliveries. */
export const sample = (name: string): Delivery =>
  JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8')) as Delivery

/** The same, written at this moment: the documented ones are years old, and the window for answers is long over. */
export const justWritten = (delivery: Delivery): Delivery => {
  for (const { changes } of delivery.entry)
    for (const { value } of changes)
      for (const message of value.messages ?? []) message.timestamp = String(Math.floor(Date.now() / 1000))
  return delivery
}

/** A documented status delivery, about a message that was really sent. */
export const statusSample = (name: string, message: SentMessage): Delivery => {
  const delivery = sample(name)
  const status = delivery.entry[0]?.changes[0]?.value.statuses?.[0]
  if (!status || !message.ref) throw new Error(`${name} is no status, or the message carries no reference`)
  status.id = message.id
  status.biz_opaque_callback_data = message.ref
  return delivery
}

/** Texts of one person, in one delivery, in this order. `at`: when it was written, in milliseconds; default: now. */
export const texts = (
  from: string,
  name: string,
  messages: readonly { id: string; body: string; at?: number }[],
) =>
  webhookBodyOf(NUMBER, {
    contacts: [{ profile: { name }, wa_id: from }],
    messages: messages.map(({ id, body, at = Date.now() }) => ({
      from,
      id,
      timestamp: String(Math.floor(at / 1000)),
      type: 'text',
      text: { body },
    })),
  })

export const cloudSession = (graph: GraphServer, queueIds: string[] = []) => {
  graph.addNumber(NUMBER, ACCESS_TOKEN)
  return {
    name: 'Official',
    provider: 'cloud',
    queueIds,
    settings: {
      phoneNumberId: NUMBER,
      accessToken: ACCESS_TOKEN,
      appSecret: APP_SECRET,
      verifyToken: VERIFY_TOKEN,
    },
  }
}

const WAIT_MS = 60_000

/** Posts a delivery to a server; signed as Meta does unless told otherwise. */
export const postDelivery = async (
  url: string,
  sessionId: string,
  delivery: unknown,
  signature?: string | null,
  channel: 'whatsapp' | 'messenger' | 'instagram' = 'whatsapp',
): Promise<{ status: number; text: string }> => {
  const raw = Buffer.from(JSON.stringify(delivery))
  const signed = signature === undefined ? signatureOf(raw, APP_SECRET) : signature
  const response = await fetch(`${url}/webhooks/${channel}/${sessionId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signed === null ? {} : { 'x-hub-signature-256': signed }),
    },
    body: raw,
    signal: AbortSignal.timeout(WAIT_MS),
  })
  return { status: response.status, text: await response.text() }
}
