import { waited, type Intake } from '../commands/message/intake.ts'
import type { WebhookDoor } from '../http/doors.ts'
import { receiveDelivery } from '../providers/cloud/receive-delivery.ts'
import { answerVerification } from '../providers/meta/signature.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { VaultSessions } from './accounts.ts'
import { noSessionHas, type DeliveryPayload, type NumberPayload } from './redeliver.ts'

/**
 * Meta's deliveries. The address only picks the secret; each change goes to the session of its own business number, and
 * one whose number no session of this company has is kept as a dead letter.
 */
export const webhookDoor = (tools: {
  readonly sessions: VaultSessions
  readonly intake: Intake
  readonly clock: Clock
  readonly log: Log
}): WebhookDoor => {
  const { sessions, intake, clock, log } = tools
  const bury = (
    companyId: CompanyId,
    sessionId: string | null,
    reason: string,
    payload: unknown,
  ): Promise<void> => intake.bury(companyId, sessionId, 'webhook:whatsapp', reason, payload)
  return {
    verify: async (sessionId, query) => {
      const companyId = await sessions.companyOf(sessionId)
      if (!companyId) return { status: 404, body: 'no such session' }
      const { verifyToken } = await sessions.credentials(companyId, sessionId)
      const challenge = answerVerification(query, verifyToken ?? '')
      return challenge === null
        ? { status: 403, body: 'wrong verify token' }
        : { status: 200, body: challenge }
    },
    deliver: async (sessionId, rawBody, headers) => {
      const companyId = await sessions.companyOf(sessionId)
      if (!companyId) return { status: 404, detail: 'There is no such session.' }
      const { appSecret } = await sessions.credentials(companyId, sessionId)
      failPoint('webhook.received')
      const answer = await receiveDelivery(
        { rawBody, signature: headers['x-hub-signature-256'], appSecret: appSecret ?? '', now: clock.now() },
        {
          items: async (phoneNumberId, items) => {
            const owner = await sessions.sessionOfNumber(companyId, phoneNumberId)
            const payload: NumberPayload = { phoneNumberId, items: items.map(waited) }
            if (!owner) return bury(companyId, null, noSessionHas(phoneNumberId), payload)
            return intake.take(companyId, owner, items)
          },
          malformed: async (phoneNumberId, parts) => {
            const owner =
              phoneNumberId === null ? null : await sessions.sessionOfNumber(companyId, phoneNumberId)
            for (const { reason, delivery } of parts) {
              const payload: DeliveryPayload = { delivery }
              await bury(companyId, owner, reason, payload)
            }
          },
        },
      )
      if (answer.error)
        log.warn({ sessionId, status: answer.status, err: answer.error }, 'a delivery was not taken')
      if (answer.status === 200) failPoint('webhook.durable')
      return { status: answer.status }
    },
  }
}
