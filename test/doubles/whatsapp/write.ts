import { randomBytes } from 'node:crypto'
import type { proto } from '@whiskeysockets/baileys'
import { takeBundle, type Companion } from './companion.ts'
import { messageOf, type Content, type Wrap } from './content.ts'
import { deliver } from './deliver.ts'
import { isGroup } from './groups.ts'
import { node, seconds, type Node } from './nodes.ts'
import type { Person } from './person.ts'
import type { World } from './world.ts'

export type Wish = {
  /** Who writes. An account's owner writes from the own phone, and its linked devices get their copies. */
  from: string
  /** A number, the jid of a group, or `status` for a status post. */
  to: string
  content: Content
  /** The message id; chosen if not given. One that was used before makes a second message under the same id. */
  id?: string
  quoting?: string
  wrap?: Wrap
  forwarded?: boolean
  /** When it was written, in milliseconds; now if not given. */
  at?: number
  /** The first copy cannot be decrypted; the device gets a good one when it asks for it. */
  undecryptable?: boolean
}

const STATUS = 'status@broadcast'

export const messageId = (): string => `3A${randomBytes(9).toString('hex').toUpperCase()}`

/** A phone says something: sealed for every linked device that shall know, and put on its way there. */
export const write = async (world: World, wish: Wish): Promise<{ id: string }> => {
  const { author, id, readers } = say(world, wish)
  for (const companion of readers)
    await sendTo(world, author, companion, id, { spoil: wish.undecryptable ?? false })
  return { id }
}

/** A message that a phone has sealed and not sent yet. */
export type Sealed = { readonly id: string; send(): void }

/** A phone writes something while it has no line: `send` puts it on its way. What one phone wrote is sent in that order. */
export const writeAhead = async (world: World, wish: Wish): Promise<Sealed> => {
  const { author, id, readers } = say(world, wish)
  const stanzas: [Companion, Node][] = []
  for (const companion of readers) stanzas.push([companion, await sealed(world, author, companion, id)])
  return { id, send: () => stanzas.forEach(([to, stanza]) => deliver(to, stanza)) }
}

const say = (world: World, wish: Wish) => {
  const author = world.person(wish.from)
  const chat = wish.to === 'status' ? STATUS : isGroup(wish.to) ? wish.to : world.person(wish.to).number
  const id = wish.id ?? messageId()
  const message = messageOf(world, author, wish.content, wish)
  const written = { chat, message, at: wish.at ?? Date.now() }
  author.written.set(id, written)
  if (wish.content.kind !== 'reaction') world.known.set(id, { author, chat, message })
  return { author, id, readers: readersOf(world, author, chat) }
}

/** Every device that shall know of it: those of the people in the chat, and the author's own. */
const readersOf = (world: World, author: Person, chat: string): Companion[] => {
  if (chat === STATUS) return [...world.companions.values()].filter(c => c.owner !== author)
  const group = world.groups.get(chat)
  if (isGroup(chat) && !group) throw new Error(`there is no group ${chat}`)
  const others = group ? group.members : [world.person(chat)]
  return [...new Set([...others, author])].flatMap(person => world.companionsOf(person))
}

type How = { spoil?: boolean; count?: number }

/** One message to one device; `count` is set when the device asked for it again. */
export const sendTo = async (
  world: World,
  author: Person,
  to: Companion,
  id: string,
  how: How = {},
): Promise<void> =>
  world.inOrder(author.number, async () => deliver(to, await seal(world, author, to, id, how)))

const sealed = (world: World, author: Person, to: Companion, id: string): Promise<Node> =>
  world.inOrder(author.number, () => seal(world, author, to, id, {}))

const seal = async (world: World, author: Person, to: Companion, id: string, how: How): Promise<Node> => {
  const written = author.written.get(id)
  if (!written) throw new Error(`${author.number} never wrote ${id}`)
  const { chat, message, at } = written
  const own = author === to.owner
  const shared = isGroup(chat) || chat === STATUS
  const group = shared && how.count === undefined
  const whole = group
    ? await sealForGroup(author, to, chat, message)
    : await sealForOne(author, to, own && !shared ? copyOf(world, chat, message) : message)
  const parts = how.spoil ? whole.map(spoiled) : whole
  const count = how.count === undefined ? undefined : String(how.count)
  const seals = parts.map(part => ({ ...part, attrs: { ...part.attrs, ...(count && { count }) } }))
  const about = { id, type: typeOf(message), t: seconds(at), notify: author.name }
  return node('message', { ...address(world, author, to, chat), ...about }, seals)
}

/** Whom a stanza is from, in the words of a chat with one person, with a group, or with all. */
const address = (
  world: World,
  author: Person,
  to: Companion,
  chat: string,
): Record<string, string | undefined> => {
  if (isGroup(chat) || chat === STATUS)
    return { from: chat, participant: author.lid, participant_pn: author.jid, addressing_mode: 'lid' }
  if (author !== to.owner) return { from: author.lid, sender_pn: author.jid, addressing_mode: 'lid' }
  const other = world.person(chat)
  return {
    from: author.lid,
    recipient: other.lid,
    peer_recipient_pn: other.jid,
    recipient_pn: other.jid,
    addressing_mode: 'lid',
  }
}

const copyOf = (world: World, chat: string, message: proto.IMessage): proto.IMessage => ({
  deviceSentMessage: { destinationJid: world.person(chat).lid, message },
})

export const ensureSession = async (author: Person, to: Companion): Promise<void> => {
  if (!(await author.signal.hasSession(to.lid))) await author.signal.openSession(to.lid, takeBundle(to))
}

const sealForOne = async (author: Person, to: Companion, message: proto.IMessage): Promise<Node[]> => {
  await ensureSession(author, to)
  const { type, ciphertext } = await author.signal.seal(to.lid, message)
  return [node('enc', { v: '2', type }, ciphertext)]
}

/** Under the author's sender key, which goes along, sealed for this device, the first time. */
const sealForGroup = async (
  author: Person,
  to: Companion,
  chat: string,
  message: proto.IMessage,
): Promise<Node[]> => {
  const { ciphertext, keyMessage } = await author.signal.sealForGroup(chat, author.lid, message)
  const sealed = node('enc', { v: '2', type: 'skmsg' }, ciphertext)
  const holders = author.keyHolders.get(chat) ?? new Set()
  author.keyHolders.set(chat, holders)
  if (holders.has(to.lid)) return [sealed]
  holders.add(to.lid)
  const distribution = { groupId: chat, axolotlSenderKeyDistributionMessage: keyMessage }
  return [...(await sealForOne(author, to, { senderKeyDistributionMessage: distribution })), sealed]
}

const spoiled = (sealed: Node): Node => {
  const bytes = Buffer.from(sealed.content instanceof Uint8Array ? sealed.content : '')
  const last = bytes.length - 1
  bytes[last] = (bytes[last] ?? 0) ^ 0xff
  return { ...sealed, content: bytes }
}

const typeOf = (message: proto.IMessage): string => {
  if (message.reactionMessage) return 'reaction'
  if (message.pollCreationMessageV3) return 'poll'
  return message.conversation ||
    message.extendedTextMessage ||
    message.protocolMessage ||
    message.editedMessage
    ? 'text'
    : 'media'
}
