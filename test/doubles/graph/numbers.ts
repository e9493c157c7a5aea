import { sendOf } from './outbound.ts'
import type { StoredMedia } from './media.ts'
import type { GraphCall, GraphRoute, SentMessage } from './types.ts'

export type GraphNumber = {
  token: string
  display: string
  /** Fields that Graph tells of the number beside the usual ones. */
  about: Record<string, unknown>
}

/** Business numbers: what they are, what they send and upload, what they read and where they type. */
export const createNumbers = (media: {
  files: ReadonlyMap<string, StoredMedia>
  upload(call: GraphCall): void
}) => {
  const numbers = new Map<string, GraphNumber>()
  const sent: SentMessage[] = []
  const read: string[] = []
  const typing: string[] = []
  let limit: { code: number; left: number } | null = null

  const messages = (phoneNumberId: string, call: GraphCall) => {
    const body = (call.body ?? {}) as Record<string, unknown>
    if (body['messaging_product'] !== 'whatsapp') return call.fail(400, 100, 'Invalid parameter')
    if (body['status'] === 'read') {
      read.push(String(body['message_id']))
      if (body['typing_indicator']) typing.push(String(body['message_id']))
      return call.json(200, { success: true })
    }
    if (limit && limit.left <= 0) return call.fail(429, limit.code, 'Rate limit hit')
    const made = sendOf(phoneNumberId, body, media.files)
    if ('error' in made) return call.fail(400, made.error, 'Invalid parameter', made.details)
    if (limit) limit.left -= 1
    sent.push(made.message)
    const { to } = made.message
    const contact = body['recipient'] === undefined ? { input: to, wa_id: to } : { input: to, user_id: to }
    call.json(200, {
      messaging_product: 'whatsapp',
      contacts: [contact],
      messages: [{ id: made.message.id }],
    })
  }

  const route: GraphRoute = call => {
    const [id = '', what] = call.path
    const number = numbers.get(id)
    if (!number) return false
    if (call.token !== number.token) call.fail(401, 190, 'Invalid OAuth access token.')
    else if (what === 'messages' && call.method === 'POST') messages(id, call)
    else if (what === 'media' && call.method === 'POST') media.upload(call)
    else if (what === undefined && call.method === 'GET')
      call.json(200, {
        verified_name: 'Fio',
        display_phone_number: number.display,
        quality_rating: 'GREEN',
        ...number.about,
        id,
      })
    else call.fail(400, 2500, 'Unknown path components')
    return true
  }

  return {
    sent,
    read,
    typing,
    route,
    tokens: () => [...numbers.values()].map(n => n.token),
    add: (id: string, number: GraphNumber) => void numbers.set(id, number),
    /** After `left` more messages Graph answers this code; `null`: no limit again. */
    limit: (change: { code: number; left: number } | null) => void (limit = change),
  }
}
