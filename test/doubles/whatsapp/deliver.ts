import type { Companion } from './companion.ts'
import { node, SERVER_JID, type Node } from './nodes.ts'

const held = new WeakMap<Companion, Node[]>()

/**
 * The way of a stanza to a device. It waits until the device confirms it, whatever happens on the line: lost ones, and those
 * for a device that is away, are told again after the next login. Only messages are treated badly.
 */
export const deliver = (to: Companion, stanza: Node): void => {
  to.waiting.push(stanza)
  const { mischief } = to
  if (stanza.tag !== 'message') return transmit(to, stanza)
  if (mischief.drop > 0) {
    mischief.drop -= 1
    return
  }
  if (mischief.reorder > 0) return holdBack(to, stanza)
  const times = mischief.duplicate > 0 ? 2 : 1
  if (times > 1) mischief.duplicate -= 1
  for (let n = 0; n < times; n += 1) transmit(to, stanza)
}

/** Without confirmation: presence, receipts, and whatever is only worth something now. */
export const transmit = (to: Companion, stanza: Node): void => {
  const { connection, mischief } = to
  // What is away hears of it at login; what logs in meanwhile too.
  if (!connection?.ready) return
  if (mischief.delayMs === 0) return connection.send(stanza)
  setTimeout(() => connection.send(stanza), mischief.delayMs).unref()
}

const holdBack = (to: Companion, stanza: Node): void => {
  const back = held.get(to) ?? []
  held.set(to, [stanza, ...back])
  to.mischief.reorder -= 1
  if (to.mischief.reorder > 0) return
  held.delete(to)
  for (const one of [stanza, ...back]) transmit(to, one)
}

/** After login: all that waits, in order and marked as late, then the word that this was all. */
export const deliverWaiting = (to: Companion): void => {
  const { connection } = to
  if (!connection) return
  held.delete(to)
  const late = [...to.waiting]
  if (late.length > 0) {
    const counts = { count: String(late.length), message: String(late.length) }
    connection.send(node('ib', { from: SERVER_JID }, [node('offline_preview', counts)]))
  }
  late.forEach((stanza, index) =>
    connection.send({ ...stanza, attrs: { ...stanza.attrs, offline: String(index) } }),
  )
  connection.ready = true
  connection.send(node('ib', { from: SERVER_JID }, [node('offline', { count: String(late.length) })]))
}
