import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Meta's Graph API as far as the Cloud API is concerned, as a real HTTP server: numbers with their tokens, messages,
 * media, faults on demand, and the other direction: signed webhook deliveries that are repeated until they are taken.
 */
export type GraphRequest = { method: string; path: string; token: string | null; body: unknown }
export type GraphFault =
  | { kind: 'error'; status: number; code?: number; message?: string; details?: string; retryAfter?: number }
  /** Takes the request and says nothing, for ever. */
  | { kind: 'silence' }
  /** Carries it out, then cuts the connection instead of answering. */
  | { kind: 'lost-answer' }

export type SentMessage = {
  id: string
  phoneNumberId: string
  to: string
  body: Record<string, unknown>
  ref: string | undefined
}

export type GraphServer = Awaited<ReturnType<typeof startGraphServer>>

const DELIVERY_TRIES_MAX = 20

export const startGraphServer = async () => {
  const numbers = new Map<string, { token: string; display: string }>()
  const requests: GraphRequest[] = []
  const sent: SentMessage[] = []
  const read: string[] = []
  const media = new Map<string, { mime: string; bytes: Buffer }>()
  const faults: { fault: GraphFault; times: number; only: 'GET' | 'POST' | 'any' }[] = []

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })

  const nextFault = (method: string): GraphFault | null => {
    const index = faults.findIndex(f => f.only === 'any' || f.only === method)
    const found = faults[index]
    if (!found) return null
    found.times -= 1
    if (found.times <= 0) faults.splice(index, 1)
    return found.fault
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', base())
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
    const text = await textOf(request)
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    requests.push({ method: request.method ?? '', path: url.pathname + url.search, token, body })
    const fault = nextFault(request.method ?? '')
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'error') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
      return fail(response, fault.status, fault.code, fault.message ?? 'fault', fault.details)
    }
    const cut = fault?.kind === 'lost-answer'
    const [, first = '', second = '', third] = url.pathname.split('/')
    if (first === 'media-bytes') return bytes(response, token, second)
    if (!/^v\d+\.\d+$/.test(first)) return fail(response, 404, 2500, 'Unknown path components')
    if (media.has(second) && request.method === 'GET') return describe(response, token, second)
    const number = numbers.get(second)
    if (!number) return fail(response, 400, 100, `Object with ID '${second}' does not exist`)
    if (token !== number.token) return fail(response, 401, 190, 'Invalid OAuth access token.')
    if (third === 'messages' && request.method === 'POST') {
      const said = accept(second, body as Record<string, unknown>)
      if (cut) return void request.socket.destroy()
      return said.error
        ? fail(response, 400, said.error, 'Invalid parameter')
        : json(response, 200, said.body)
    }
    json(response, 200, {
      verified_name: 'Fio',
      display_phone_number: number.display,
      quality_rating: 'GREEN',
      id: second,
    })
  }

  const accept = (
    phoneNumberId: string,
    body: Record<string, unknown>,
  ): { error?: number; body?: object } => {
    if (body['messaging_product'] !== 'whatsapp') return { error: 100 }
    if (body['status'] === 'read') {
      read.push(String(body['message_id']))
      return { body: { success: true } }
    }
    const to = body['to'] ?? body['recipient']
    // The real one answers 200 to a business-scoped id in `to` and delivers to nobody; here that is an error to be noticed.
    if (typeof to !== 'string' || (body['to'] !== undefined && /^[A-Z]{2}\./.test(to)))
      return { error: 131009 }
    if (body['type'] !== 'text' || typeof (body['text'] as { body?: unknown } | undefined)?.body !== 'string')
      return { error: 100 }
    const message: SentMessage = {
      id: `wamid.${randomUUID().replaceAll('-', '').toUpperCase()}`,
      phoneNumberId,
      to,
      body,
      ref: body['biz_opaque_callback_data'] as string | undefined,
    }
    sent.push(message)
    const contact = body['recipient'] === undefined ? { input: to, wa_id: to } : { input: to, user_id: to }
    return { body: { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: message.id }] } }
  }

  const tokens = () => [...numbers.values()].map(n => n.token)
  const describe = (response: ServerResponse, token: string | null, id: string) => {
    const file = media.get(id)
    if (!file || !tokens().includes(token ?? ''))
      return fail(response, 401, 190, 'Invalid OAuth access token.')
    const about = {
      url: `${base()}/media-bytes/${id}`,
      mime_type: file.mime,
      file_size: file.bytes.length,
      id,
    }
    json(response, 200, { messaging_product: 'whatsapp', ...about })
  }
  const bytes = (response: ServerResponse, token: string | null, id: string) => {
    const file = media.get(id)
    if (!file || !tokens().includes(token ?? '')) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': file.mime }).end(file.bytes)
  }

  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  /** Posts one delivery as Meta does, signed. Answers the status that came. */
  const post = async (webhookUrl: string, payload: unknown, appSecret: string): Promise<number> => {
    const raw = Buffer.from(JSON.stringify(payload))
    const signature = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
      body: raw,
      signal: AbortSignal.timeout(30_000),
    })
    await response.arrayBuffer()
    return response.status
  }

  /** As `post`, repeated while the answer is not 200, as Meta does (only without its long waits). */
  const deliver = async (
    webhookUrl: string,
    payload: unknown,
    appSecret: string,
  ): Promise<{ status: number; tries: number }> => {
    let status = 0
    for (let tries = 1; tries <= DELIVERY_TRIES_MAX; tries += 1) {
      status = await post(webhookUrl, payload, appSecret)
      if (status === 200 || status === 401 || status === 403) return { status, tries }
    }
    return { status, tries: DELIVERY_TRIES_MAX }
  }

  return {
    get url() {
      return base()
    },
    requests,
    sent,
    read,
    post,
    deliver,
    addNumber(phoneNumberId: string, token: string, display = '+55 11 5555-0100') {
      numbers.set(phoneNumberId, { token, display })
    },
    addMedia(id: string, mime: string, content: Buffer) {
      media.set(id, { mime, bytes: content })
    },
    /** The next `times` requests of this method go wrong like this. */
    fault(fault: GraphFault, times = 1, only: 'GET' | 'POST' | 'any' = 'any') {
      faults.push({ fault, times, only })
    },
    clearFaults() {
      faults.length = 0
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) => server.close(error => (error ? reject(error) : resolve())))
    },
  }
}

/** A whole webhook body around the given parts. */
export const webhookBodyOf = (phoneNumberId: string, value: Record<string, unknown>, field = 'messages') => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '215589313241560883',
      changes: [
        {
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '551155550100', phone_number_id: phoneNumberId },
            ...value,
          },
          field,
        },
      ],
    },
  ],
})

/** The delivery with which Meta tells how far a sent message got, with our reference in it. */
export const statusBodyOf = (
  message: SentMessage,
  status: 'sent' | 'delivered' | 'read' | 'failed',
  at: number,
  errors?: object[],
) =>
  webhookBodyOf(message.phoneNumberId, {
    statuses: [
      {
        id: message.id,
        status,
        timestamp: String(Math.floor(at / 1000)),
        recipient_id: message.to,
        ...(message.ref === undefined ? {} : { biz_opaque_callback_data: message.ref }),
        ...(status === 'sent'
          ? { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' } }
          : {}),
        ...(errors ? { errors } : {}),
      },
    ],
  })

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const fail = (
  response: ServerResponse,
  status: number,
  code: number | undefined,
  message: string,
  details?: string,
): void => {
  if (code === undefined) return void response.writeHead(status).end('upstream trouble')
  json(response, status, {
    error: {
      message: `(#${code}) ${message}`,
      type: 'OAuthException',
      code,
      ...(details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details } }),
      fbtrace_id: 'A1b2C3d4',
    },
  })
}
