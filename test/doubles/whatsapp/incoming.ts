import type { proto } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import { deliver } from './deliver.ts'
import { isGroup } from './groups.ts'
import { attr, childOf, childrenOf, node, seconds, userOf, type Node } from './nodes.ts'
import type { Person } from './person.ts'
import { readMessage } from './received.ts'
import { askAgain, sendReceipt } from './receipts.ts'
import type { World } from './world.ts'

/** A message of a client: acknowledged, and brought to every phone and device that it was sealed for. */
export const takeMessage = async (world: World, from: Companion, said: Node): Promise<void> => {
  const code = acknowledge(from, said)
  if (code !== null) return
  const shared = childOf(said, 'enc')
  const seals = childrenOf(childOf(said, 'participants'), 'to').map(to => ({
    jid: attr(to, 'jid'),
    parts: [...childrenOf(to, 'enc'), ...(isGroup(attr(said, 'to')) && shared ? [shared] : [])],
  }))
  const reached = new Set(seals.map(({ jid }) => jid))
  const rest = !shared || seals.length > 0 ? [] : [{ jid: attr(said, 'to'), parts: [shared] }]
  const members = shared ? restOfGroup(world, from, said, reached) : []
  const group = members.map(jid => ({ jid, parts: shared ? [shared] : [] }))
  for (const { jid, parts } of [...seals, ...(isGroup(attr(said, 'to')) ? group : rest)])
    await bring(world, from, said, jid, parts)
}

/** Those who hold the sender key already get only the shared seal. */
const restOfGroup = (world: World, from: Companion, said: Node, reached: Set<string>): string[] => {
  const only = attr(said, 'participant')
  if (only) return reached.has(only) ? [] : [only]
  const group = world.groups.get(attr(said, 'to'))
  if (!group) return []
  const all = group.members.flatMap(member => [
    member.lid,
    ...world.companionsOf(member).map(companion => companion.lid),
  ])
  return all.filter(jid => jid !== from.lid && ![...reached].some(other => sameDevice(other, jid)))
}

const sameDevice = (one: string, other: string): boolean => {
  const [a, b] = [userOf(one), userOf(other)]
  return a.user === b.user && a.device === b.device
}

/** The server's word that it has the message, unless it is to be lost; or the refusal and its code. */
const acknowledge = (from: Companion, said: Node): number | null => {
  const { mischief } = from
  const ack = { class: 'message', id: said.attrs['id'], from: said.attrs['to'], t: seconds() }
  if (mischief.refuse.times > 0) {
    mischief.refuse.times -= 1
    from.connection?.send(node('ack', { ...ack, error: String(mischief.refuse.code) }))
    return mischief.refuse.code
  }
  if (mischief.loseAcks > 0) mischief.loseAcks -= 1
  else from.connection?.send(node('ack', ack))
  return null
}

const bring = async (
  world: World,
  from: Companion,
  said: Node,
  jid: string,
  parts: Node[],
): Promise<void> => {
  const person = world.personOf(jid)
  if (!person) return
  if (userOf(jid).device === 0) return readOnPhone(world, person, from, said, parts)
  const companion = world.companionAt(jid)
  if (companion && companion !== from) passOn(from, companion, said, parts)
}

/** To another linked device: as it is, since only that device can open it. */
const passOn = (from: Companion, to: Companion, said: Node, parts: Node[]): void => {
  const chat = attr(said, 'to')
  const identity = childOf(said, 'device-identity')
  const own = from.owner === to.owner
  const where = isGroup(chat)
    ? { from: chat, participant: from.lid, participant_pn: from.owner.jid }
    : { from: from.lid, sender_pn: from.owner.jid, recipient: own ? chat : undefined }
  const attrs = { ...where, addressing_mode: 'lid', id: said.attrs['id'], type: said.attrs['type'] }
  const content = identity ? [...parts, identity] : parts
  deliver(to, node('message', { ...attrs, t: seconds(), notify: from.owner.name }, content))
}

const readOnPhone = async (
  world: World,
  person: Person,
  from: Companion,
  said: Node,
  parts: Node[],
): Promise<void> => {
  const id = attr(said, 'id')
  try {
    const message = await world.inOrder(person.number, () => unseal(person, from, attr(said, 'to'), parts))
    if (message) keep(world, person, from, said, message)
  } catch (error) {
    world.failures.push({ id, number: person.number, error: String(error) })
    askAgain(person, from, attr(said, 'to'), id)
    return
  }
  if (person === from.owner || attr(said, 'category') === 'peer') return
  const kinds =
    person.autoReceipts === 'none' ? [] : ['delivered', ...(person.autoReceipts === 'read' ? ['read'] : [])]
  for (const kind of kinds) deliver(from, sendReceipt(person, attr(said, 'to'), [id], kind))
}

const unseal = async (
  person: Person,
  from: Companion,
  chat: string,
  parts: Node[],
): Promise<proto.IMessage | null> => {
  const all: proto.IMessage[] = []
  for (const part of parts) {
    const bytes = part.content instanceof Uint8Array ? part.content : Buffer.alloc(0)
    const opened =
      attr(part, 'type') === 'skmsg'
        ? await person.signal.unsealFromGroup(chat, from.lid, bytes)
        : await person.signal.unseal(from.lid, attr(part, 'type'), bytes)
    const { senderKeyDistributionMessage: key } = opened
    if (key) await person.signal.learnSenderKey(from.lid, key)
    all.push(opened)
  }
  // The parts make one message: the key to a group goes beside what is said there.
  return all.length > 0 ? all.reduce((whole, part) => ({ ...whole, ...part })) : null
}

const keep = (world: World, person: Person, from: Companion, said: Node, message: proto.IMessage): void => {
  const to = attr(said, 'to')
  const inner = message.deviceSentMessage?.message ?? message
  const chat = isGroup(to)
    ? to
    : (world.personOf(message.deviceSentMessage?.destinationJid ?? to)?.number ?? to)
  const id = attr(said, 'id')
  world.known.set(id, { author: from.owner, chat, message: inner })
  const before = person.inbox.find(one => one.id === id)
  if (before) {
    before.arrivals += 1
    return
  }
  person.inbox.push(readMessage({ id, from: from.owner.number, chat, to }, inner, world.media))
}
