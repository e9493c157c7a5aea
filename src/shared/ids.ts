import { createHmac, hash } from 'node:crypto'
import { systemRandom, type RandomBytes } from './random.ts'

/**
 * Branded identifiers: all are UUIDs in text, but one kind cannot stand where another is asked for.
 */
declare const brand: unique symbol
type Id<Kind extends string> = string & { readonly [brand]: Kind }

export type CompanyId = Id<'company'>
export type UserId = Id<'user'>
export type QueueId = Id<'queue'>
export type SessionId = Id<'session'>
export type ContactId = Id<'contact'>
export type ConversationId = Id<'conversation'>
export type TicketId = Id<'ticket'>
export type MessageId = Id<'message'>
export type CommandId = Id<'command'>

/** The reserved tenant under which things live that belong to no company. */
export const SYSTEM_COMPANY = '00000000-0000-8000-8000-000000000000' as CompanyId

const asUuid = (bytes: Buffer, version: number): string => {
  const b = Buffer.from(bytes.subarray(0, 16))
  b[6] = (b[6]! & 0x0f) | (version << 4)
  b[8] = (b[8]! & 0x3f) | 0x80
  const hex = b.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** A fresh, time-ordered UUID (RFC 9562, version 7). */
export const newId = <T extends string>(now: number = Date.now(), random: RandomBytes = systemRandom): T => {
  const b = random(16)
  b.writeUIntBE(now, 0, 6)
  return asUuid(b, 7) as T
}

const joined = (parts: readonly (string | number)[]): string => JSON.stringify(parts)

/** The same parts give the same UUID, for ever (version 8, SHA-256). Never feed it a phone number: see `keyedId`. */
export const derivedId = <T extends string>(...parts: readonly (string | number)[]): T =>
  asUuid(hash('sha256', joined(parts), 'buffer'), 8) as T

/** Ids derived lately. One message asks for those of its chat, its author and itself several times. */
const KEYED_IDS_KEPT_MAX = 20_000
const keyedIds = new WeakMap<Buffer, Map<string, string>>()

/** As `derivedId`, but keyed with a tenant's secret, so that nobody can guess a phone number from the id. */
export const keyedId = <T extends string>(key: Buffer, ...parts: readonly (string | number)[]): T => {
  const text = joined(parts)
  const kept = keyedIds.get(key) ?? new Map<string, string>()
  const known = kept.get(text)
  if (known !== undefined) return known as T
  const id = asUuid(createHmac('sha256', key).update(text).digest(), 8)
  if (kept.size >= KEYED_IDS_KEPT_MAX) kept.clear()
  keyedIds.set(key, kept.set(text, id))
  return id as T
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Whether the text has the form of a UUID in lower case. */
export const isId = (text: string): boolean => UUID.test(text)
