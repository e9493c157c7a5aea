import type { Address, InboundItem, InboundMessage } from '../../src/providers/provider.ts'

type Content = Extract<InboundMessage, { type: 'message' }>
const SENT_AT = '2026-03-02T12:00:00.000Z'

export const phone = (value: string): Address => ({ kind: 'phone', value })
export const bsuid = (value: string): Address => ({ kind: 'bsuid', value })

/** A text of a customer as a provider hands it in. */
export const text = (
  id: string,
  from: readonly Address[],
  more: Partial<Content> & { group?: readonly Address[] } = {},
): InboundItem => {
  const { group, ...rest } = more
  return {
    item: 'message',
    message: {
      type: 'message',
      providerMessageId: id,
      chat: { addresses: group ?? from, group: group !== undefined },
      author: { addresses: from, name: 'Maria' },
      sentAt: SENT_AT,
      late: false,
      fromMe: false,
      kind: 'text',
      text: `text ${id}`,
      raw: { id },
      ...rest,
    },
  }
}
