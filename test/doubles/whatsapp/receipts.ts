import { encodeBigEndian } from '@whiskeysockets/baileys'
import { confirm, type Companion } from './companion.ts'
import { transmit } from './deliver.ts'
import { isGroup } from './groups.ts'
import { attr, bytesOf, childOf, childrenOf, node, numberOf, seconds, type Node } from './nodes.ts'
import type { Person } from './person.ts'
import type { Bundle } from './signal-identity.ts'
import type { World } from './world.ts'
import { sendTo } from './write.ts'

export type ReceiptKind = 'delivered' | 'read' | 'played'

const RETRIES_MAX = 5

/** A phone's word about messages of a client, under the address that the client used. */
export const sendReceipt = (by: Person, to: string, ids: readonly string[], kind: string): Node => {
  const [first = '', ...others] = ids
  const where = isGroup(to) ? { from: to, participant: by.lid } : { from: to }
  const type = kind === 'delivered' ? undefined : kind
  const list = others.map(id => node('item', { id }))
  return node(
    'receipt',
    { ...where, id: first, type, t: seconds() },
    others.length > 0 ? [node('list', {}, list)] : undefined,
  )
}

/** A phone that cannot open a message asks the device for it again. */
export const askAgain = (by: Person, from: Companion, chat: string, id: string, count = 1): void => {
  if (count > RETRIES_MAX) return
  const where = isGroup(chat) ? { from: chat, participant: by.lid } : { from: chat }
  transmit(
    from,
    node('receipt', { ...where, id, type: 'retry', t: seconds() }, [
      node('retry', { count: String(count), id, t: seconds(), v: '1' }),
      node('registration', {}, encodeBigEndian(by.signal.registrationId)),
    ]),
  )
}

/** A receipt of a client: kept for reading, taken as confirmation, and obeyed when it asks for a message again. */
export const takeReceipt = async (world: World, from: Companion, said: Node): Promise<void> => {
  const ids = [attr(said, 'id'), ...childrenOf(childOf(said, 'list'), 'item').map(item => attr(item, 'id'))]
  const type = attr(said, 'type') || 'delivered'
  const to = attr(said, 'to')
  const participant = said.attrs['participant'] ?? null
  world.receipts.push({ account: from.owner.number, ids, type, to, participant })
  from.connection?.send(node('ack', { class: 'receipt', id: ids[0], from: to, type: said.attrs['type'] }))
  for (const id of ids) confirm(from, id)
  if (type !== 'retry') return
  if (from.mischief.loseRetries > 0) from.mischief.loseRetries -= 1
  else await sendAgain(world, from, said)
}

const sendAgain = async (world: World, from: Companion, said: Node): Promise<void> => {
  const author = world.personOf(attr(said, 'participant') || attr(said, 'to'))
  const id = attr(said, 'id')
  const count = Number(attr(childOf(said, 'retry'), 'count') || '1')
  if (!author?.written.has(id) || count > RETRIES_MAX) return
  const bundle = bundleIn(said)
  if (bundle)
    await world.inOrder(author.number, async () => {
      await author.signal.forget(from.lid)
      await author.signal.openSession(from.lid, bundle)
    })
  const chat = author.written.get(id)?.chat ?? ''
  author.keyHolders.get(chat)?.delete(from.lid)
  await sendTo(world, author, from, id, { count })
}

const bundleIn = (said: Node): Bundle | null => {
  const keys = childOf(said, 'keys')
  if (!keys) return null
  return {
    registrationId: numberOf(bytesOf(said, 'registration')),
    identity: bytesOf(keys, 'identity'),
    signed: {
      id: numberOf(bytesOf(keys, 'skey', 'id')),
      value: bytesOf(keys, 'skey', 'value'),
      signature: bytesOf(keys, 'skey', 'signature'),
    },
    preKey: childOf(keys, 'key')
      ? { id: numberOf(bytesOf(keys, 'key', 'id')), value: bytesOf(keys, 'key', 'value') }
      : undefined,
  }
}
