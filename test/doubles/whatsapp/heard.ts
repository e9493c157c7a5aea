import { confirm, type Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import { takeMessage } from './incoming.ts'
import { attr, childrenOf, node, SERVER_JID, seconds, type Node } from './nodes.ts'
import { answerQuery } from './queries.ts'
import { takeReceipt } from './receipts.ts'
import { transmit } from './deliver.ts'
import type { World } from './world.ts'

/** Whatever a client says after the handshake goes through here. */
export const hear = async (world: World, connection: Connection, said: Node): Promise<void> => {
  const about = `${said.tag} ${attr(said, 'xmlns') || attr(said, 'class') || attr(said, 'type')} ${childrenOf(said)[0]?.tag ?? ''}`
  world.heard.set(about, (world.heard.get(about) ?? 0) + 1)
  if (said.tag === 'iq') return answerQuery(world, connection, said)
  const me = connection.companion
  if (!me) return
  switch (said.tag) {
    case 'message':
      return takeMessage(world, me, said)
    case 'receipt':
      return takeReceipt(world, me, said)
    case 'ack':
      return takeAck(world, me, said)
    case 'presence':
    case 'chatstate':
      return takePresence(world, me, said)
    case 'call':
      return takeCall(world, me, said)
    default:
      return
  }
}

const takeAck = (world: World, me: Companion, said: Node): void => {
  const id = attr(said, 'id')
  world.acks.push({
    account: me.owner.number,
    id,
    of: attr(said, 'class'),
    error: said.attrs['error'] ?? null,
  })
  confirm(me, id)
}

/** `available` and `unavailable` for all; typing for one; `subscribe` asks to be told about one, and is told. */
const takePresence = (world: World, me: Companion, said: Node): void => {
  const to = said.attrs['to'] ?? null
  const child = childrenOf(said)[0]
  const typing = child?.attrs['media'] === 'audio' ? 'recording' : child?.tag
  const state = said.tag === 'chatstate' ? (typing ?? '') : attr(said, 'type') || 'available'
  world.presences.push({ account: me.owner.number, state, to: to && (world.personOf(to)?.number ?? to) })
  if (state === 'subscribe' && to) transmit(me, node('presence', { from: to, type: 'available' }))
}

const takeCall = (world: World, me: Companion, said: Node): void => {
  const reject = childrenOf(said).find(child => child.tag === 'reject')
  if (reject) world.rejectedCalls.push({ account: me.owner.number, callId: attr(reject, 'call-id') })
  me.connection?.send(
    node('ack', { class: 'call', id: said.attrs['id'], from: attr(said, 'to') || SERVER_JID, t: seconds() }),
  )
}
