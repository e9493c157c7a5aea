import { waited, type Intake } from '../commands/message/intake.ts'
import type { Door } from '../commands/define.ts'
import type { WebhookChannel, WebhookDoor } from '../http/doors.ts'
import type { PageDirectory } from '../providers/meta/page-directory.ts'
import { takeDelivery } from '../providers/meta/receive-delivery.ts'
import { answerVerification, verifySignature } from '../providers/meta/signature.ts'
import type { InboundItem } from '../providers/provider.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { VaultSessions } from './accounts.ts'
import { notePageNames } from './page-names.ts'
import { parseDelivery } from './parse-delivery.ts'
import { noSessionHas, type DeliveryPayload, type NumberPayload } from './redeliver.ts'

/**
 * Meta's deliveries. The address only picks the secret; each part goes to the session of its own number, page or account,
 * and one whose account no session of this company has is kept as a dead letter.
 */
export const webhookDoor = (tools: {
  readonly sessions: VaultSessions
  readonly intake: Intake
  readonly door: Door
  readonly pages: Readonly<Record<'messenger' | 'instagram', PageDirectory>>
  readonly clock: Clock
  readonly log: Log
}): WebhookDoor => {
  const { sessions, intake, door, pages, clock, log } = tools

  /** Only where it makes a difference: an echo that does not carry our reference. */
  const appIdFor = async (
    channel: WebhookChannel,
    rawBody: Buffer,
    token: string,
  ): Promise<string | undefined> => {
    if (channel === 'whatsapp' || !rawBody.includes('"is_echo"')) return undefined
    return pages[channel].appIdOf(token)
  }

  const introduce = async (
    channel: WebhookChannel,
    companyId: CompanyId,
    sessionId: string,
    items: readonly InboundItem[],
  ): Promise<void> => {
    if (channel === 'whatsapp') return
    const { pageAccessToken: token = '' } = await sessions.credentials(companyId, sessionId)
    await notePageNames({ door, directory: pages[channel], log }, { companyId, sessionId, token }, items)
  }

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
    deliver: async (sessionId, rawBody, headers, channel) => {
      const companyId = await sessions.companyOf(sessionId)
      if (!companyId) return { status: 404, detail: 'There is no such session.' }
      const { appSecret = '', pageAccessToken = '' } = await sessions.credentials(companyId, sessionId)
      const bury = (owner: string | null, reason: string, payload: unknown): Promise<void> =>
        intake.bury(companyId, owner, `webhook:${channel}`, reason, payload)
      failPoint('webhook.received')
      const signature = headers['x-hub-signature-256']
      const appId = verifySignature(rawBody, signature, appSecret)
        ? await appIdFor(channel, rawBody, pageAccessToken)
        : undefined
      const answer = await takeDelivery(
        { rawBody, signature, appSecret, now: clock.now() },
        (body, now) => parseDelivery(channel, body, now, appId),
        {
          items: async (accountId, items) => {
            const owner = await sessions.sessionOfNumber(companyId, accountId)
            const payload: NumberPayload = { phoneNumberId: accountId, items: items.map(waited) }
            if (!owner) return bury(null, noSessionHas(accountId), payload)
            await intake.take(companyId, owner, items)
            introduce(channel, companyId, owner, items).catch((error: unknown) =>
              log.info({ sessionId: owner, err: error }, 'a name was not noted'),
            )
          },
          malformed: async (accountId, parts) => {
            const owner = accountId === null ? null : await sessions.sessionOfNumber(companyId, accountId)
            for (const { reason, delivery } of parts) {
              const payload: DeliveryPayload = { delivery }
              await bury(owner, reason, payload)
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
