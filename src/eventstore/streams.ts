import type { CompanyId } from '../shared/ids.ts'

/** The kinds of actors that have a stream. No dash in a name: the category is what precedes the first dash. */
export const STREAM_TYPES = [
  'company',
  'user',
  'queue',
  'session',
  'contact',
  'alias',
  'conversation',
  'ticket',
  'deadletter',
  'audit',
] as const
export type StreamType = (typeof STREAM_TYPES)[number]

/** Where an actor lives: no look-up by id alone exists, the tenant is always part of it. */
export type Address<T extends StreamType = StreamType> = {
  readonly company: CompanyId
  readonly type: T
  readonly id: string
}

/** `ticket-<companyId>.<id>` */
export const streamName = (address: Address): string => `${address.type}-${address.company}.${address.id}`

/** The address that a stream name spells. @throws Error for a name that is not ours. */
export const addressOf = (stream: string): Address => {
  const dash = stream.indexOf('-')
  const dot = stream.indexOf('.', dash)
  const type = stream.slice(0, dash) as StreamType
  if (dash < 0 || dot < 0 || !STREAM_TYPES.includes(type)) throw new Error(`not a stream of ours: ${stream}`)
  return { type, company: stream.slice(dash + 1, dot) as CompanyId, id: stream.slice(dot + 1) }
}
