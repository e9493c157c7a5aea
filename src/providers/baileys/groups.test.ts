import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { ACCOUNT, linkedDevice } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'

const ANA = '5511987654321'
const BIA = '5511987654322'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('the members of a group each tell how far our message got, and the last word is that it was read', async () => {
  const { whatsapp, device } = await linkedDevice()
  closing.push(
    () => whatsapp.close(),
    () => device.connection.close(),
  )
  for (const number of [ANA, BIA]) await whatsapp.person({ number, autoReceipts: 'none' })
  const { jid } = await whatsapp.group({ subject: 'Obra', members: [ANA, BIA, ACCOUNT] })
  const ref = randomUUID()
  const result = await device.connection.send({
    ref,
    messageId: randomUUID(),
    to: [{ kind: 'group', value: jid }],
    kind: 'text',
    body: 'para todos',
  })
  if (result.outcome !== 'sent') throw new Error(result.reason)
  const { providerMessageId } = result
  for (const number of [ANA, BIA])
    await until(`it at ${number}`, async () => (await whatsapp.sentTo({ number, group: jid }))[0])
  const acks = () =>
    device.items.flatMap(one =>
      one.item === 'status' && one.status.providerMessageId === providerMessageId ? [one.status] : [],
    )
  // At once: Baileys itself holds what it tells of the first of them back, and lets it go up in the message.
  await whatsapp.receipt({ by: ANA, ids: [providerMessageId], kind: 'delivered' })
  await whatsapp.receipt({ by: BIA, ids: [providerMessageId], kind: 'delivered' })
  await whatsapp.receipt({ by: BIA, ids: [providerMessageId], kind: 'read' })
  await until('three receipts', () => acks().length === 3)
  expect(acks().map(({ ack }) => ack)).toEqual(['delivered', 'delivered', 'read'])
  expect(new Set(acks().map(one => one.ref))).toEqual(new Set([ref]))
})
