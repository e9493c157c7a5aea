import { randomUUID } from 'node:crypto'
import type { Role } from '../../src/events/company.ts'
import type { ProviderKind } from '../../src/events/session.ts'
import type { UserPrincipal } from '../../src/events/principal.ts'
import type { CompanyId, QueueId, UserId } from '../../src/shared/ids.ts'
import type { FactLog } from './fact-log.ts'

const settings = { reopenPolicy: 'reopen', reopenMinutes: 120 } as const

/** A company with a session, and short words for what happens in it. */
export const createStory = (log: FactLog, companyId: string = randomUUID()) => {
  const sessionId = randomUUID()
  let number = 0

  const found = async (): Promise<void> => {
    await log.say(companyId, 'company', companyId, [
      { type: 'company.created', data: { name: 'Acme', locale: 'pt-BR', timeZone: 'America/Sao_Paulo' } },
    ])
    await log.say(companyId, 'session', sessionId, [
      {
        type: 'session.created',
        data: { name: 'Front desk', provider: 'simulator', queueIds: [], settings, isDefault: true },
      },
    ])
  }

  /** A session of another channel. */
  const session = async (provider: ProviderKind): Promise<string> => {
    const id = randomUUID()
    await log.say(companyId, 'session', id, [
      {
        type: 'session.created',
        data: { name: provider, provider, queueIds: [], settings, isDefault: false },
      },
    ])
    return id
  }

  const user = async (role: Role, queueIds: string[] = [], name: string = role): Promise<UserPrincipal> => {
    const userId = randomUUID()
    await log.say(companyId, 'user', userId, [
      {
        type: 'user.created',
        data: { role, queueIds, locale: 'pt-BR', personal: { name, email: `${userId}@example.com` } },
      },
    ])
    return {
      kind: 'user',
      companyId: companyId as CompanyId,
      userId: userId as UserId,
      role,
      queueIds: queueIds as QueueId[],
    }
  }

  const queue = async (name: string): Promise<string> => {
    const id = randomUUID()
    await log.say(companyId, 'queue', id, [{ type: 'queue.created', data: { name, color: '#00aa55' } }])
    return id
  }

  const contact = async (name: string, phone: string | null = null): Promise<string> => {
    const id = randomUUID()
    await log.say(companyId, 'contact', id, [
      {
        type: 'contact.created',
        data: {
          isGroup: false,
          nameHash: null,
          source: 'channel',
          personal: { name, phone, email: null, addresses: phone ? [{ kind: 'phone', value: phone }] : [] },
        },
      },
    ])
    return id
  }

  const ticket = async (
    options: {
      contactId?: string
      queueId?: string | null
      userId?: string | null
      at?: string
      /** Another session than the company's first. */
      sessionId?: string
      /** The next ticket of a conversation that is there. */
      conversationId?: string
    } = {},
  ): Promise<{ id: string; contactId: string; conversationId: string; position: string }> => {
    const contactId = options.contactId ?? (await contact('Maria'))
    const id = randomUUID()
    const conversationId = options.conversationId ?? randomUUID()
    const opening = {
      number: ++number,
      sessionId: options.sessionId ?? sessionId,
      conversationId,
      contactId,
      isGroup: false,
      queueId: options.queueId ?? null,
      userId: options.userId ?? null,
    }
    if (!options.conversationId)
      await log.say(
        companyId,
        'conversation',
        conversationId,
        [
          {
            type: 'conversation.started',
            data: {
              sessionId: opening.sessionId,
              contactId,
              isGroup: false,
              addressesHash: 'h',
              personal: { addresses: [{ kind: 'phone', value: '5511987654321' }] },
            },
          },
          { type: 'conversation.ticketClaimed', data: { ticketId: id, ordinal: 1, reopen: false, opening } },
        ],
        { subject: contactId },
      )
    const position = await log.say(
      companyId,
      'ticket',
      id,
      [{ type: 'ticket.opened', data: { ...opening, ordinal: 1 } }],
      options.at ? { at: options.at } : {},
    )
    return { id, contactId, conversationId, position }
  }

  const receive = async (
    where: { id: string; contactId: string },
    body: string,
    options: { messageId?: string; providerMessageId?: string; at?: string } = {},
  ): Promise<{ messageId: string; position: string }> => {
    const messageId = options.messageId ?? randomUUID()
    const at = options.at ?? new Date().toISOString()
    const position = await log.say(
      companyId,
      'ticket',
      where.id,
      [
        {
          type: 'message.received',
          data: {
            messageId,
            authorId: where.contactId,
            kind: 'text',
            sentAt: at,
            receivedAt: at,
            late: false,
            personal: { body, providerMessageId: options.providerMessageId ?? `in-${messageId}` },
          },
        },
      ],
      { subject: where.contactId, at, actor: { kind: 'contact', id: where.contactId } },
    )
    return { messageId, position }
  }

  /** A message that stands in the conversation, beside its tickets. */
  const beside = (
    where: { contactId: string; conversationId: string },
    body: string,
    options: { at: string; history?: true },
  ): Promise<string> => {
    const messageId = randomUUID()
    const { at, ...more } = options
    return log.say(
      companyId,
      'conversation',
      where.conversationId,
      [
        {
          type: 'message.received',
          data: {
            messageId,
            authorId: where.contactId,
            kind: 'text',
            sentAt: at,
            // What is history came in long after it was said.
            receivedAt: more.history ? new Date().toISOString() : at,
            late: more.history === true,
            ...more,
            personal: { body, providerMessageId: `in-${messageId}` },
          },
        },
      ],
      { subject: where.contactId, actor: { kind: 'contact', id: where.contactId } },
    )
  }

  const reply = async (
    where: { id: string; contactId: string },
    userId: string,
    body: string,
    options: { at?: string } = {},
  ) => {
    const messageId = randomUUID()
    const position = await log.say(
      companyId,
      'ticket',
      where.id,
      [
        {
          type: 'message.queued',
          data: { messageId, userId, kind: 'text', deadline: '2030-01-01T00:00:00.000Z', personal: { body } },
        },
      ],
      { ...options, subject: where.contactId, actor: { kind: 'user', id: userId } },
    )
    return { messageId, position }
  }

  return { companyId, sessionId, found, session, user, queue, contact, ticket, receive, beside, reply }
}
export type Story = ReturnType<typeof createStory>
