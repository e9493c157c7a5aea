import type { Intake } from '../commands/message/intake.ts'
import { isRefusal, type Refusal } from '../commands/define.ts'
import type { CommandTools, Redelivered } from '../commands/tools.ts'
import { keptText } from '../media/kept-text.ts'
import type { MediaStore } from '../media/port.ts'
import type { InboundItem } from '../providers/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { VaultSessions } from './accounts.ts'
import type { logReads } from './log-reads.ts'
import { channelOf, parseDelivery } from './parse-delivery.ts'

/** What a dead letter may hold: items for a number that nobody had, a delivery that could not be read, or one item. */
export type NumberPayload = { readonly phoneNumberId: string; readonly items: readonly InboundItem[] }
export type DeliveryPayload = { readonly delivery: unknown }
type Payload = NumberPayload | DeliveryPayload | InboundItem

const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024
export const noSessionHas = (phoneNumberId: string): string => `no session has the number ${phoneNumberId}`
const failed = (reason: string): Redelivered => ({ outcome: 'failed', reason })

/** Opens a dead letter and hands what is in it to the intake, the way it came. */
export const redeliver = (tools: {
  readonly reads: Pick<ReturnType<typeof logReads>, 'deadLetter'>
  readonly media: Pick<MediaStore, 'get'>
  readonly sessions: Pick<VaultSessions, 'sessionOfNumber'>
  readonly intake: Pick<Intake, 'again'>
  readonly clock: Clock
}): CommandTools['redeliver'] => {
  const { reads, media, sessions, intake, clock } = tools

  const hand = async (
    companyId: CompanyId,
    sessionId: string,
    items: readonly InboundItem[],
  ): Promise<Redelivered | Refusal> => {
    const reasons: string[] = []
    for (const item of items) {
      const came = await intake.again(companyId, sessionId, item)
      if (isRefusal(came)) return came
      if (came !== null) reasons.push(came)
    }
    return reasons.length === 0 ? { outcome: 'processed' } : failed(reasons.join('; '))
  }

  const handToNumber = async (
    companyId: CompanyId,
    { phoneNumberId, items }: NumberPayload,
  ): Promise<Redelivered | Refusal> => {
    const owner = await sessions.sessionOfNumber(companyId, phoneNumberId)
    return owner ? hand(companyId, owner, items) : failed(noSessionHas(phoneNumberId))
  }

  const readAgain = async (companyId: CompanyId, delivery: unknown): Promise<Redelivered | Refusal> => {
    const reasons: string[] = []
    const parts = parseDelivery(channelOf(delivery), delivery, clock.now())
    for (const { accountId: phoneNumberId, items, malformed } of parts) {
      reasons.push(...malformed.map(({ reason }) => reason))
      if (phoneNumberId === null || items.length === 0) continue
      const came = await handToNumber(companyId, { phoneNumberId, items })
      if (isRefusal(came)) return came
      if (came.outcome === 'failed') reasons.push(came.reason)
    }
    return reasons.length === 0 ? { outcome: 'processed' } : failed(reasons.join('; '))
  }

  return async (companyId, id) => {
    const letter = await reads.deadLetter(companyId, id)
    const kept =
      letter?.payload === undefined || letter.payload === null
        ? null
        : await keptText(media, companyId, letter.payload, PAYLOAD_BYTES_MAX)
    if (!letter || !kept || kept.cut) return failed('its payload can no longer be opened')
    const payload = JSON.parse(kept.text) as Payload
    if ('delivery' in payload) return readAgain(companyId, payload.delivery)
    if ('items' in payload) return handToNumber(companyId, payload)
    if (letter.sessionId === null || !('item' in payload)) return failed('nobody knows what it is')
    return hand(companyId, letter.sessionId, [payload])
  }
}
