import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { writeAddressBook, type AddressBookWish } from './address-book.ts'
import { deliver, transmit } from './deliver.ts'
import { groupJid } from './groups.ts'
import { sendHistory, type HistoryWish } from './history.ts'
import { breakStream, unlink } from './login.ts'
import { makeMischief, type Mischief } from './misbehaviour.ts'
import { node, seconds } from './nodes.ts'
import { watchStanding } from './standing.ts'
import { enterPairingCode } from './pairing-code.ts'
import { scanQr } from './pairing.ts'
import type { AutoReceipts, Person } from './person.ts'
import { askAgain, sendReceipt, type ReceiptKind } from './receipts.ts'
import type { Received } from './received.ts'
import { messageId, sendTo, write, writeAhead, type Sealed, type Wish } from './write.ts'
import type { ClientAck, ClientPresence, ClientReceipt, RejectedCall, World } from './world.ts'

export type PersonInfo = { number: string; name: string; jid: string; lid: string }
export type SessionInfo = {
  account: string
  jid: string
  lid: string
  /** Logged in and told what waited. */
  online: boolean
  logins: number
  preKeys: number
  /** Deliveries that the device has not confirmed. */
  waiting: number
}
export type CodeWaiting = { number: string }

type Account = { account: string }

/**
 * What can be asked of the local WhatsApp. People are named by their phone number, everywhere. Arguments and answers are plain
 * data (bytes may be among them), so that all of it works from another process as well.
 */
export type WhatsAppControl = {
  /** Makes the phone if there is none, and changes what is given. */
  person(wish: {
    number: string
    name?: string
    autoReceipts?: AutoReceipts
    picture?: Uint8Array
  }): Promise<PersonInfo>
  people(wish: object): Promise<PersonInfo[]>
  /** The owner's phone scans a QR code, given as its text. Answers when the client has signed and is told to restart. */
  scan(wish: { qr: string; number: string }): Promise<SessionInfo>
  /** The owner's phone types a pairing code. */
  enterCode(wish: { code: string; number: string }): Promise<SessionInfo>
  /** The clients that wait for a pairing code to be typed. */
  codesWaiting(wish: object): Promise<CodeWaiting[]>
  sessions(wish: object): Promise<SessionInfo[]>

  /** A phone says something: a customer's to an account, an owner's own to a customer, anyone's in a group. */
  write(wish: Wish): Promise<{ id: string }>
  /** So many texts, `count` of them, from these customers in turns; at once. Text i is `text i`. */
  flood(wish: { from: string[]; to: string; count: number; text?: string }): Promise<{ ids: string[] }>
  /** Texts that phones seal now and send when `play` is asked for. */
  prepare(wish: { texts: { from: string; to: string; text: string }[] }): Promise<{ ids: string[] }>
  /**
   * Sends what was prepared, in that order, so many a second; answers when each was sent (milliseconds since 1970), and for how
   * many milliseconds this process stood still meanwhile, at most.
   */
  play(wish: { perSecond: number }): Promise<{ sentAt: number[]; stoodStillMs: number }>
  /** The same message again, encrypted anew under its old id, as a phone does that believes it was lost. */
  repeat(wish: { from: string; to: string; id: string }): Promise<void>
  group(wish: { subject: string; members: string[] }): Promise<{ jid: string }>
  typing(wish: { from: string; to: string; state: 'composing' | 'recording' | 'paused' }): Promise<void>
  online(wish: { from: string; to: string; state: 'available' | 'unavailable' }): Promise<void>
  call(wish: { from: string; to: string; video?: boolean }): Promise<{ callId: string }>
  /** The caller gives up (`timeout`) or the call is over. */
  endCall(wish: { from: string; to: string; callId: string; reason?: 'timeout' }): Promise<void>
  history(wish: HistoryWish): Promise<void>
  /** People are written into the owner's address book. */
  addressBook(wish: AddressBookWish): Promise<void>

  /** What clients sent to that number or group, oldest first, opened as that phone opens it. */
  sentTo(wish: { number: string; group?: string }): Promise<Received[]>
  /** The copies of what its devices sent, on the owner's own phone. */
  copiesAt(wish: Account): Promise<Received[]>
  /** A phone tells about messages of a client. */
  receipt(wish: { by: string; ids: string[]; kind: ReceiptKind }): Promise<void>
  /** The owner reads a customer's messages on the own phone. */
  readOnPhone(wish: Account & { chat: string; ids: string[] }): Promise<void>
  /** A phone could not open a message of a client, and asks for it again. */
  askAgain(wish: { by: string; id: string; count?: number }): Promise<void>
  /** Receipts that clients sent. */
  receiptsFrom(wish: Account): Promise<ClientReceipt[]>
  presencesFrom(wish: Account): Promise<ClientPresence[]>
  acksFrom(wish: Account): Promise<ClientAck[]>
  rejectedCalls(wish: Account): Promise<RejectedCall[]>
  /** What no phone could open, and what broke a connection: empty when all is well. */
  failures(wish: object): Promise<{ id: string; number: string; error: string }[]>
  /** Kinds of stanzas heard, and how often. */
  heard(wish: object): Promise<{ [kind: string]: number }>

  /** Treats an account badly from now on, as said; what is not named stays as it is. */
  misbehave(wish: Account & Partial<Mischief>): Promise<void>
  /** All is well again. */
  behave(wish: Account): Promise<void>
  /** Breaks the session with that code: 401 also unlinks the device, 440 is another session in its place, 403, 503, 515 … */
  streamError(wish: Account & { code: number }): Promise<void>
  /** The line goes, without a word. */
  cut(wish: Account): Promise<void>
  /** WhatsApp restricts the account to the chats it has. */
  restrict(wish: Account & { seconds: number }): Promise<void>
  /** The next so many uploads and downloads fail; `silent`: they get no answer at all. */
  failMedia(wish: { times: number; silent?: boolean }): Promise<void>
}

export const makeControl = (world: World): WhatsAppControl => {
  const prepared: Sealed[] = []
  /** Looking makes nobody: who was never named has got nothing. */
  const inboxOf = (number: string): Received[] => world.people.get(number)?.inbox ?? []
  const inChat = (person: Person, ids: readonly string[]) => {
    const found = person.inbox.find(one => one.id === ids[0])
    if (!found) throw new Error(`${person.number} never got a message ${ids.join()}`)
    return { ...found, devices: world.account(found.from) }
  }
  const tell = (number: string, make: (from: Person) => ReturnType<typeof node>, from: string): void => {
    for (const companion of world.account(number)) transmit(companion, make(world.person(from)))
  }
  const each = (wish: Account, change: (mischief: Mischief) => Mischief): void => {
    for (const companion of world.account(wish.account)) companion.mischief = change(companion.mischief)
  }
  const sessionsOf = () =>
    [...world.companions.values()].map(
      ({ owner, jid, lid, connection, logins, preKeys, waiting }): SessionInfo => ({
        account: owner.number,
        jid,
        lid,
        online: connection?.ready ?? false,
        logins,
        preKeys: preKeys.length,
        waiting: waiting.length,
      }),
    )
  const sessionOf = (jid: string): SessionInfo => {
    const found = sessionsOf().find(session => session.jid === jid)
    if (!found) throw new Error(`there is no session ${jid}`)
    return found
  }

  return {
    async person({ number, name, autoReceipts, picture }) {
      const person = world.person(number, name)
      if (name) person.name = name
      if (autoReceipts) person.autoReceipts = autoReceipts
      if (picture) person.pictureUrl = world.media.keep(Buffer.from(picture), 'pictures')
      return { number, name: person.name, jid: person.jid, lid: person.lid }
    },
    people: async () =>
      [...new Set(world.people.values())].map(({ number, name, jid, lid }) => ({ number, name, jid, lid })),
    scan: async ({ qr, number }) => sessionOf((await scanQr(world, qr, world.person(number))).jid),
    enterCode: async ({ code, number }) =>
      sessionOf((await enterPairingCode(world, code, world.person(number))).jid),
    codesWaiting: async () => [...world.codes.keys()].map(number => ({ number })),
    sessions: async () => sessionsOf(),

    write: wish => write(world, wish),
    async flood({ from, to, count, text = 'text' }) {
      const wishes = Array.from({ length: count }, (_, n) => ({ from: from[n % from.length] ?? '', n }))
      const written = wishes.map(wish =>
        write(world, { from: wish.from, to, content: { kind: 'text', text: `${text} ${wish.n}` } }),
      )
      return { ids: (await Promise.all(written)).map(({ id }) => id) }
    },
    async prepare({ texts }) {
      const ids: string[] = []
      for (const { from, to, text } of texts) {
        const made = await writeAhead(world, { from, to, content: { kind: 'text', text } })
        prepared.push(made)
        ids.push(made.id)
      }
      return { ids }
    },
    async play({ perSecond }) {
      const began = performance.now()
      const sentAt: number[] = []
      const still = watchStanding()
      for (const [n, { send }] of prepared.splice(0).entries()) {
        await pause(Math.max(0, began + (n * 1_000) / perSecond - performance.now()))
        sentAt.push(Date.now())
        send()
      }
      return { sentAt, stoodStillMs: still.stop() }
    },
    async repeat({ from, to, id }) {
      for (const companion of world.account(to)) await sendTo(world, world.person(from), companion, id)
    },
    async group({ subject, members }) {
      const [admin, ...others] = members.map(number => world.person(number))
      if (!admin) throw new Error('a group has members')
      const jid = groupJid(world.groups.size + 1)
      world.groups.set(jid, { jid, subject, members: [admin, ...others], admin })
      return { jid }
    },
    async typing({ from, to, state }) {
      const child = state === 'recording' ? node('composing', { media: 'audio' }) : node(state)
      tell(to, person => node('chatstate', { from: person.lid }, [child]), from)
    },
    async online({ from, to, state }) {
      tell(to, person => node('presence', { from: person.lid, type: state }), from)
    },
    async call({ from, to, video = false }) {
      const callId = randomBytes(16).toString('hex').toUpperCase()
      const offer = (by: Person) =>
        node('offer', { 'call-id': callId, 'call-creator': by.lid, caller_pn: by.jid }, [
          node('audio', { enc: 'opus', rate: '16000' }),
          ...(video ? [node('video', { enc: 'vp8' })] : []),
        ])
      ring(to, from, offer)
      return { callId }
    },
    async endCall({ from, to, callId, reason }) {
      ring(to, from, by => node('terminate', { 'call-id': callId, 'call-creator': by.lid, reason }))
    },
    history: wish => sendHistory(world, wish),
    addressBook: wish => writeAddressBook(world, wish),

    sentTo: async ({ number, group }) =>
      inboxOf(number).filter(one => one.from !== number && (group === undefined || one.chat === group)),
    copiesAt: async ({ account }) => inboxOf(account).filter(one => one.from === account),
    async receipt({ by, ids, kind }) {
      const person = world.person(by)
      const { to, devices } = inChat(person, ids)
      for (const device of devices) deliver(device, sendReceipt(person, to, ids, kind))
    },
    async readOnPhone({ account, chat, ids }) {
      const [owner, other] = [world.person(account), world.person(chat)]
      for (const device of world.account(account)) {
        const receipt = sendReceipt(owner, owner.lid, ids, 'read')
        transmit(device, { ...receipt, attrs: { ...receipt.attrs, recipient: other.lid } })
      }
    },
    async askAgain({ by, id, count = 1 }) {
      const person = world.person(by)
      const { to, devices } = inChat(person, [id])
      for (const device of devices) askAgain(person, device, to, id, count)
    },
    receiptsFrom: async ({ account }) => world.receipts.filter(one => one.account === account),
    presencesFrom: async ({ account }) => world.presences.filter(one => one.account === account),
    acksFrom: async ({ account }) => world.acks.filter(one => one.account === account),
    rejectedCalls: async ({ account }) => world.rejectedCalls.filter(one => one.account === account),
    failures: async () => [...world.failures],
    heard: async () => Object.fromEntries(world.heard),

    async misbehave({ account, ...mischief }) {
      each({ account }, before => ({ ...before, ...mischief }))
    },
    async behave(wish) {
      each(wish, makeMischief)
    },
    async streamError({ account, code }) {
      for (const companion of world.account(account)) {
        if (companion.connection) breakStream(companion.connection, code)
        if (code === 401) unlink(world, companion)
      }
    },
    async cut({ account }) {
      for (const companion of world.account(account)) companion.connection?.close()
    },
    async restrict({ account, seconds: length }) {
      const ends = String(Math.floor(Date.now() / 1000) + length)
      const data = {
        xwa2_notify_account_reachout_timelock: { is_active: length > 0, time_enforcement_ends: ends },
      }
      const update = node(
        'update',
        { op_name: 'NotificationUserReachoutTimelockUpdate' },
        Buffer.from(JSON.stringify({ data })),
      )
      for (const companion of world.account(account))
        deliver(
          companion,
          node('notification', { from: 's.whatsapp.net', type: 'mex', id: messageId(), t: seconds() }, [
            update,
          ]),
        )
    },
    async failMedia({ times, silent }) {
      world.media.failNext(times, silent ? 'answer' : 'success')
    },
  }

  function ring(to: string, from: string, what: (by: Person) => ReturnType<typeof node>): void {
    const by = world.person(from)
    for (const companion of world.account(to))
      deliver(
        companion,
        node('call', { from: by.lid, id: messageId(), t: seconds(), notify: by.name }, [what(by)]),
      )
  }
}
