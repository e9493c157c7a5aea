import { randomBytes } from 'node:crypto'
import { chatModificationToAppPatch, encodeSyncdPatch, newLTHashState, proto } from '@whiskeysockets/baileys'
import { deliver } from './deliver.ts'
import { sayToDevices } from './history.ts'
import { attr, childOf, childrenOf, node, SERVER_JID, type Node } from './nodes.ts'
import type { Person } from './person.ts'
import { messageId } from './write.ts'
import type { World } from './world.ts'

/**
 * The owner's address book, as the phone shares it with its linked devices: a list of sealed changes, each hashed with all
 * those before it, of which a device asks for what it has not seen.
 */
export type AddressBook = {
  readonly keyId: Buffer
  readonly keyData: Buffer
  state: ReturnType<typeof newLTHashState>
  readonly patches: Buffer[]
}
export type AddressBookWish = { account: string; people: { number: string; name: string }[] }

const COLLECTION = 'critical_unblock_low'
const KEY_BYTES = 32
const KEY_ID_BYTES = 6

const bookOf = (world: World, owner: Person): AddressBook => {
  const found = world.books.get(owner.number)
  if (found) return found
  const made: AddressBook = {
    keyId: randomBytes(KEY_ID_BYTES),
    keyData: randomBytes(KEY_BYTES),
    state: newLTHashState(),
    patches: [],
  }
  world.books.set(owner.number, made)
  return made
}

/** Somebody is written into the phone's address book; its devices get the key once more, and are told to look. */
export const writeAddressBook = async (world: World, { account, people }: AddressBookWish): Promise<void> => {
  const owner = world.person(account)
  const book = bookOf(world, owner)
  for (const { number, name } of people) {
    const person = world.person(number)
    const change = chatModificationToAppPatch(
      { contact: { fullName: name, lidJid: person.lid, saveOnPrimaryAddressbook: true } },
      person.jid,
    )
    const { patch, state } = await encodeSyncdPatch(
      change,
      book.keyId.toString('base64'),
      book.state,
      async () => proto.Message.AppStateSyncKeyData.create({ keyData: book.keyData }),
    )
    book.state = state
    const numbered = proto.SyncdPatch.create({ ...patch, version: { version: state.version } })
    book.patches.push(Buffer.from(proto.SyncdPatch.encode(numbered).finish()))
  }
  await sayToDevices(world, owner, {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: {
        keys: [{ keyId: { keyId: book.keyId }, keyData: { keyData: book.keyData, timestamp: Date.now() } }],
      },
    },
  })
  for (const device of world.account(account))
    deliver(
      device,
      node('notification', { from: SERVER_JID, id: messageId(), type: 'server_sync' }, [
        node('collection', { name: COLLECTION, version: String(book.state.version) }),
      ]),
    )
}

/** What a device has not seen yet; of every other collection there is nothing. */
export const answerAppState = (world: World, owner: Person, asked: Node): Node =>
  node(
    'sync',
    {},
    childrenOf(childOf(asked, 'sync'), 'collection').map(collection => {
      const [name, version] = [attr(collection, 'name'), attr(collection, 'version')]
      const book = name === COLLECTION ? world.books.get(owner.number) : undefined
      if (!book) return node('collection', { name, version })
      const patches = book.patches.slice(Number(version)).map(patch => node('patch', {}, patch))
      return node('collection', { name, version: String(book.state.version) }, [node('patches', {}, patches)])
    }),
  )
