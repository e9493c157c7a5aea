import { conversationKind, type ConversationState } from '../../actors/conversation/chart.ts'
import type { ChannelAddress } from '../../events/conversation.ts'
import { keyedId, type ConversationId } from '../../shared/ids.ts'
import type { Act } from '../act.ts'
import { canonicalAddresses, resolveContact } from '../contact/identity.ts'

/**
 * Which conversation a chat is. Its id comes from the chat's address, not from the contact. A chat that comes under
 * several addresses is one conversation: the one that exists already, or the first address's; the streams of the other
 * addresses redirect there, and writers follow one hop.
 */
type Chat = {
  readonly addresses: readonly ChannelAddress[]
  readonly name?: string | undefined
  readonly group: boolean
}

const conversationIdOf = (key: Buffer, sessionId: string, { kind, value }: ChannelAddress): ConversationId =>
  keyedId(key, 'conversation', sessionId, kind, value)

const existing = (state: ConversationState): boolean => state.matches('started')

/** A redirect is for ever (a merge adds its own kind), so the freshest state is only needed for what is not known yet. */
const SETTLED_FRESH_MS = Number.POSITIVE_INFINITY

const settle = async (act: Act, ids: readonly ConversationId[]): Promise<ConversationId> => {
  const states = await Promise.all(
    ids.map(async id => ({ id, state: (await act.state(conversationKind, id, SETTLED_FRESH_MS)).state })),
  )
  const redirected = states.find(({ state }) => state.context.redirectedTo !== null)?.state.context
    .redirectedTo
  const target = (redirected ?? states.find(({ state }) => existing(state))?.id ?? ids[0]) as ConversationId
  for (const { id, state } of states) {
    if (id === target || !state.matches('absent')) continue
    await act.transact(conversationKind, id, current =>
      current.matches('absent') ? [{ type: 'conversation.redirected', data: { to: target } }] : [],
    )
  }
  return target
}

const addressesHashOf = (key: Buffer, addresses: readonly ChannelAddress[]): string =>
  keyedId(key, 'addresses', ...addresses.map(({ kind, value }) => `${kind}:${value}`))

/** The conversation of a chat, started (with its contact) if this is its first sign. */
export const locateConversation = async (
  act: Act,
  sessionId: string,
  chat: Chat,
): Promise<{ id: ConversationId; contactId: string }> => {
  const key = await act.tools.tenantKey(act.principal.companyId)
  const ids = canonicalAddresses(chat.addresses).map(address => conversationIdOf(key, sessionId, address))
  const id = await settle(act, ids)
  const { state } = await act.state(conversationKind, id, SETTLED_FRESH_MS)
  const addresses = [...chat.addresses]
  const addressesHash = addressesHashOf(key, addresses)
  if (existing(state) && state.context.addressesHash === addressesHash)
    return { id, contactId: state.context.contactId }
  const contactId = await resolveContact(act, chat, chat.group)
  const outcome = await act.transact(conversationKind, id, conversation => {
    if (existing(conversation))
      return conversation.context.addressesHash === addressesHash
        ? []
        : [
            {
              type: 'conversation.addressesChanged',
              subject: conversation.context.contactId,
              data: { addressesHash, personal: { addresses } },
            },
          ]
    return [
      {
        type: 'conversation.started',
        subject: contactId,
        data: { sessionId, contactId, isGroup: chat.group, addressesHash, personal: { addresses } },
      },
    ]
  })
  if (outcome.outcome !== 'done') throw new Error(`conversation ${id} could not be started`)
  return { id, contactId: outcome.state.context.contactId }
}
