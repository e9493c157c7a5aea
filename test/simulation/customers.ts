import { messageIdOf } from '../../src/commands/message/inbound-fact.ts'
import type { Address, InboundItem } from '../../src/providers/provider.ts'
import type { Chance } from './chance.ts'
import type { Channel } from './channel.ts'
import type { Scheduler } from './scheduler.ts'
import type { Expected } from './watch-log.ts'

/** People who write: each on one session, under several addresses of which the network names now these, now those. */
type Customer = {
  readonly name: string
  readonly sessionId: string
  readonly phone: Address
  readonly lid: Address
  written: number
}

export const createCustomers = (parts: {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly channel: Channel
  readonly tenantKey: Buffer
  readonly sessionIds: readonly string[]
  readonly count: number
  readonly epochMs: number
  /** Where it is noted what the log has to hold in the end. */
  readonly expected: Map<string, Expected>
}) => {
  const { scheduler, chance, channel, tenantKey, sessionIds, epochMs, expected } = parts
  const customers = Array.from({ length: parts.count }, (_, i): Customer => ({
    name: `c${i}`,
    sessionId: chance.pick(sessionIds),
    phone: { kind: 'phone', value: `551198765${String(1_000 + i)}` },
    lid: { kind: 'lid', value: `90000${i}` },
    written: 0,
  }))

  /** As the network says it: the most lasting first, sometimes alone; now and then by the hidden id alone. */
  const addressesOf = ({ phone, lid }: Customer): Address[] =>
    chance.pick([[phone], [phone, lid], [phone, lid], [lid]])

  const write = (customer: Customer): void => {
    const place = customer.written++
    const addresses = addressesOf(customer)
    const party = { addresses, ...(chance.happens(0.5) ? { name: `${customer.name} ${chance.int(2)}` } : {}) }
    const message = {
      type: 'message' as const,
      providerMessageId: `${customer.name}.${place}`,
      chat: { ...party, group: false },
      author: party,
      sentAt: new Date(Math.floor(epochMs + scheduler.now())).toISOString(),
      late: false,
      fromMe: chance.happens(0.05),
      kind: chance.happens(0.05) ? ('sticker' as const) : ('text' as const),
      text: `${customer.name} ${place}`,
      raw: { place },
    }
    const item: InboundItem = { item: 'message', message }
    const messageId = messageIdOf(tenantKey, customer.sessionId, message)
    // Nobody knows of two addresses that never came together that they are one chat.
    expected.set(messageId, { chat: `${customer.sessionId} ${customer.name} ${addresses[0]?.kind}`, place })
    channel.write(customer.sessionId, customer.name, item)
  }

  return {
    /** One of them writes, now and then several times in a row. */
    writeSome: (): void => {
      const customer = chance.pick(customers)
      for (let n = chance.happens(0.3) ? 1 + chance.int(6) : 1; n > 0; n--) write(customer)
    },
    messageIdOf: (sessionId: string, item: InboundItem): string | null =>
      item.item === 'message' ? messageIdOf(tenantKey, sessionId, item.message) : null,
  }
}
export type Customers = ReturnType<typeof createCustomers>
