import { randomInt, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { GraphCall, GraphRoute, UploadedFile } from './types.ts'

export type GraphPage = {
  pageId: string
  name: string
  appId: string
  instagram?: { id: string; username: string }
  /** Whoever has it may ask about tokens in the app's name. */
  appSecret?: string
  /** What the token was granted, and until when it is good, in seconds. */
  scopes?: string[]
  expiresAt?: number
}
/** What was sent in a page's or account's name, reactions included. */
export type PageMessage = { id: string; to: string; body: Record<string, unknown> }

const recipient = z.strictObject({ id: z.string().min(1) })
const message = z.strictObject({
  text: z.string().min(1).max(2_000).optional(),
  attachment: z
    .strictObject({
      type: z.enum(['image', 'video', 'audio', 'file']),
      payload: z.strictObject({ attachment_id: z.string() }),
    })
    .optional(),
  quick_replies: z
    .array(
      z.strictObject({
        content_type: z.literal('text'),
        title: z.string().min(1).max(20),
        payload: z.string().min(1).max(1_000),
      }),
    )
    .min(1)
    .max(13)
    .optional(),
  metadata: z.string().max(1_000).optional(),
})
const bodies = z.union([
  z.strictObject({
    recipient,
    messaging_type: z.literal('RESPONSE'),
    message,
    reply_to: z.strictObject({ mid: z.string() }).optional(),
  }),
  z.strictObject({
    recipient,
    messaging_type: z.literal('MESSAGE_TAG'),
    tag: z.literal('HUMAN_AGENT'),
    message,
    reply_to: z.strictObject({ mid: z.string() }).optional(),
  }),
  z.strictObject({
    recipient,
    sender_action: z.enum(['react', 'unreact']),
    payload: z.strictObject({ message_id: z.string(), reaction: z.string().optional() }),
  }),
  z.strictObject({ recipient, sender_action: z.enum(['typing_on', 'typing_off', 'mark_seen']) }),
])

/** Pages and Instagram accounts: who a token is, who is told of events, messages, attachments and profiles. */
export const createPages = () => {
  const pages = new Map<string, GraphPage & { subscribed: Set<string> }>()
  const people = new Map<string, Record<string, unknown>>()
  const uploads = new Map<string, UploadedFile>()
  const files = new Map<string, { mime: string; bytes: Buffer }>()
  const sent: PageMessage[] = []
  const actions: { to: string; action: string }[] = []

  const say = (call: GraphCall): void => {
    const body = bodies.safeParse(call.body)
    if (!body.success) return call.fail(400, 100, z.prettifyError(body.error))
    const to = body.data.recipient.id
    if ('sender_action' in body.data && !('payload' in body.data)) {
      actions.push({ to, action: body.data.sender_action })
      return call.json(200, { recipient_id: to })
    }
    const attachment = 'message' in body.data ? body.data.message.attachment : undefined
    if (attachment && !uploads.has(attachment.payload.attachment_id))
      return call.fail(400, 100, 'no matching attachment', undefined, 2018074)
    const id = `m_${randomUUID().replaceAll('-', '')}`
    sent.push({ id, to, body: body.data })
    call.json(200, { recipient_id: to, message_id: id })
  }

  const upload = (call: GraphCall, page: GraphPage): void => {
    const fields = (call.body ?? {}) as Record<string, string>
    const type = (JSON.parse(fields['message'] ?? '{}') as { attachment?: { type?: string } }).attachment
      ?.type
    if (!call.file || type === undefined) return call.fail(400, 100, 'filedata and message are required')
    if (fields['platform'] === 'instagram' && !page.instagram) return call.fail(400, 100, 'platform')
    const id = String(randomInt(1e14, 2e14))
    uploads.set(id, call.file)
    call.json(200, { attachment_id: id })
  }

  const subscribe = (call: GraphCall, page: { subscribed: Set<string>; appId: string }): void => {
    if (call.method === 'POST') {
      for (const field of (call.query.get('subscribed_fields') ?? '').split(',')) page.subscribed.add(field)
      return call.json(200, { success: true })
    }
    const data = [{ id: page.appId, name: 'Fio', subscribed_fields: [...page.subscribed] }]
    call.json(200, { data: page.subscribed.size > 0 ? data : [] })
  }

  /** Only for an app, by its id and secret, and only about its own tokens. */
  const debugToken = (call: GraphCall): void => {
    const page = pages.get(call.query.get('input_token') ?? '')
    const known = [...pages.values()].some(one => call.token === `${one.appId}|${one.appSecret}`)
    if (!known) return call.fail(400, 101, 'Error validating application. Cannot get application info.')
    if (!page) return call.json(200, { data: { is_valid: false, scopes: [] } })
    const { appId, pageId, scopes = [], expiresAt = 0 } = page
    const told = { app_id: appId, type: 'PAGE', is_valid: true, profile_id: pageId }
    call.json(200, { data: { ...told, scopes, expires_at: expiresAt, data_access_expires_at: 0 } })
  }

  const route: GraphRoute = call => {
    const [first = '', what] = call.path
    const person = people.get(first)
    if (first === 'debug_token') {
      debugToken(call)
      return true
    }
    if (first !== 'me' && first !== 'app' && !person) return false
    const page = pages.get(call.token ?? '')
    if (!page) call.fail(401, 190, 'Invalid OAuth access token.')
    else if (person) call.json(200, { ...person, id: first })
    else if (first === 'app') call.json(200, { id: page.appId, name: 'Fio' })
    else if (what === undefined)
      call.json(200, {
        id: page.pageId,
        name: page.name,
        ...(page.instagram ? { instagram_business_account: page.instagram } : {}),
      })
    else if (what === 'subscribed_apps') subscribe(call, page)
    else if (what === 'messages' && call.method === 'POST') say(call)
    else if (what === 'message_attachments' && call.method === 'POST') upload(call, page)
    else call.fail(400, 2500, 'Unknown path components')
    return true
  }

  return {
    sent,
    actions,
    uploads,
    files,
    route,
    add: (token: string, page: GraphPage) => void pages.set(token, { ...page, subscribed: new Set() }),
    addPerson: (id: string, about: Record<string, unknown>) => void people.set(id, about),
    unsubscribe: (token: string) => pages.get(token)?.subscribed.clear(),
    /** What people sent lies at an address of its own, which whoever has it may read. */
    serve(call: GraphCall) {
      const file = files.get(call.path[0] ?? '')
      if (!file) call.json(404, {})
      else call.bytes(file.mime, file.bytes)
    },
  }
}

/** A whole webhook body around events of one page or account. */
export const messagingBodyOf = (object: 'page' | 'instagram', id: string, messaging: readonly object[]) => ({
  object,
  entry: [{ id, time: Date.now(), messaging }],
})
