import type { Address, InboundItem } from '../provider.ts'
import { partyOf } from './parse-party.ts'
import {
  webhookCall,
  webhookSystem,
  webhookUserIdUpdate,
  type WebhookContact,
  type WebhookMessage,
} from './webhook-schema.ts'

/** What a delivery says of people beside their messages: changed numbers and ids, and calls. */

/** Business-scoped ids in a sentence such as "User Ana changed from BR.1 to BR.2". */
const BSUIDS = /\b[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}\b/g

const address = (kind: Address['kind'], value: string | undefined): Address[] =>
  value === undefined || value === '' ? [] : [{ kind, value: value.replace(/^\+/, '') }]

/** All of these are one person's; who has but one address tells nothing new. */
const identity = (found: readonly Address[], name: string | undefined, kind: string): InboundItem => {
  const addresses = found.filter(
    (a, index) => found.findIndex(b => b.kind === a.kind && b.value === a.value) === index,
  )
  if (addresses.length < 2) return { item: 'ignored', kind }
  return { item: 'identity', party: { addresses, ...(name === undefined ? {} : { name }) } }
}

/** A system message: a changed number or id is the same person; whatever else it says is only counted. */
export const systemItem = (message: WebhookMessage): InboundItem => {
  const said = webhookSystem.safeParse(message['system'] ?? {})
  const { type, ...system } = said.data ?? { type: 'unknown' }
  const kind = `system:${type}`
  if (type !== 'user_changed_number' && type !== 'user_changed_user_id') return { item: 'ignored', kind }
  const old = partyOf({ waId: message.from, userId: message.from_user_id })?.addresses ?? []
  const now = partyOf({ waId: system.wa_id ?? system.new_wa_id, userId: system.user_id })?.addresses ?? []
  const named = type === 'user_changed_user_id' ? (system.body?.match(BSUIDS) ?? []) : []
  const ids = [system.previous_user_id, system.parent_user_id, ...named].flatMap(id => address('bsuid', id))
  return identity([...now, ...old, ...ids], undefined, kind)
}

export const userIdItem = (raw: unknown, contacts: readonly WebhookContact[]): InboundItem => {
  const said = webhookUserIdUpdate.parse(raw)
  const contact = contacts.find(c => c.wa_id !== undefined && c.wa_id === said.wa_id) ?? contacts[0]
  const { addresses = [], name } = partyOf({ waId: said.wa_id, contact }) ?? {}
  const ids = [said.user_id, said.parent_user_id].flatMap(change => [
    ...address('bsuid', change?.current),
    ...address('bsuid', change?.previous),
  ])
  return identity([...addresses, ...ids], name, 'field:user_id_update')
}

export const callItem = (raw: unknown, contacts: readonly WebhookContact[]): InboundItem => {
  const said = webhookCall.parse(raw)
  const ours = said.direction === 'BUSINESS_INITIATED'
  if (said.event !== 'connect' || ours) return { item: 'ignored', kind: `call:${ours ? 'ours' : said.event}` }
  const contact =
    contacts.find(c => c.wa_id === said.from) ?? (contacts.length === 1 ? contacts[0] : undefined)
  const caller = partyOf({ waId: said.from, userId: said.from_user_id, contact })
  if (!caller) throw new Error('names no caller: neither from nor from_user_id')
  return {
    item: 'call',
    callId: said.id,
    chat: { ...caller, group: false },
    at: new Date(said.timestamp * 1000).toISOString(),
    video: false,
    rejected: false,
  }
}
