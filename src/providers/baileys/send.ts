import type { BinaryNode, WAMessage, WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../shared/clock.ts'
import type { OutboundContent, OutboundMessage, SendResult } from '../provider.ts'
import { refusalBefore } from '../refusal.ts'
import { unsupported } from '../unsupported.ts'
import { BAILEYS_CAPABILITIES } from './capabilities.ts'
import { jidOf } from './jids.ts'
import { contentFor, keyOf, providerIdOf, quotedContent } from './send-content.ts'

/** Codes with which WhatsApp refuses a message for now; with all others the same message would be refused again. */
const PASSING: ReadonlySet<string> = new Set(['429', '500', '503'])

const NOT_CONNECTED: SendResult = { outcome: 'refused', reason: 'not-connected', retryable: true }

const NO_ADDRESS: SendResult = {
  outcome: 'refused',
  reason: 'no WhatsApp address',
  code: 'no-address',
  retryable: false,
}
const NOT_THERE: SendResult = {
  outcome: 'refused',
  reason: 'the number is not on WhatsApp',
  code: 'not-on-whatsapp',
  retryable: false,
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export type SendTools = {
  socket(): WASocket | null
  /** Writes down what this message is called, before it is on the wire. */
  remember(providerMessageId: string, ref: string): Promise<void>
  sentBefore(providerMessageId: string): Promise<OutboundContent | null>
  /** The hidden id of a number, where it was learnt. */
  lidOfPhone(phone: string): Promise<string | null>
  readonly clock: Clock
  /** How long WhatsApp's word that it has the message is waited for, and the next one while a file goes up. */
  readonly ackMsMax: number
}

type Word =
  | { readonly said: 'taken' }
  | { readonly said: 'refused'; readonly code: string }
  | { readonly said: 'nothing' }

/**
 * Tells everybody who waits on a line that it ended, by one listener however many wait: with one for each of a busy
 * session's sixteen sends Node takes them for a leak. Answers how not to be told.
 */
const whenOver = (() => {
  const waitingOn = new WeakMap<WASocket, Set<() => void>>()
  const waitersOf = (socket: WASocket): Set<() => void> => {
    const known = waitingOn.get(socket)
    if (known) return known
    const waiters = new Set<() => void>()
    socket.ev.on('connection.update', ({ connection }) => {
      if (connection === 'close') for (const tell of waiters) tell()
    })
    waitingOn.set(socket, waiters)
    return waiters
  }
  return (socket: WASocket, tell: () => void): (() => void) => {
    const waiters = waitersOf(socket)
    waiters.add(tell)
    return () => void waiters.delete(tell)
  }
})()

/** WhatsApp's word on a message of ours, listened for before the message goes out. */
const wordOn = (socket: WASocket, id: string, { clock, ackMsMax }: SendTools) => {
  let tell: (word: Word) => void = () => {}
  const word = new Promise<Word>(resolve => (tell = resolve))
  const event = `CB:ack,id:${id}`
  const onAck = ({ attrs }: BinaryNode): void => {
    if (attrs['class'] !== 'message') return
    tell(attrs['error'] ? { said: 'refused', code: attrs['error'] } : { said: 'taken' })
  }
  socket.ws.on(event, onAck)
  const leave = whenOver(socket, () => tell({ said: 'nothing' }))
  let cancel = (): void => {}
  return {
    heard: (): Promise<Word> => {
      cancel = clock.after(ackMsMax, () => tell({ said: 'nothing' }))
      return word
    },
    stop: (): void => {
      cancel()
      socket.ws.off(event, onAck)
      leave()
    },
  }
}

const quotedOf = async (
  message: OutboundMessage,
  jid: string,
  tools: SendTools,
): Promise<{ quoted?: WAMessage }> => {
  if (!message.quoted) return {}
  const said = await tools.sentBefore(message.quoted.providerMessageId).catch(() => null)
  return { quoted: { key: keyOf(jid, message.quoted), message: quotedContent(said) } }
}

/** Asked for once in a connection. */
const ADDRESS_OF_UNKNOWN_MS_MAX = 10_000

/**
 * Where to: a number that never wrote to us is looked up, because WhatsApp takes messages for numbers that it does not know
 * without a word, and because it may know the person by an older form of the number. `null`: nobody is there.
 */
const destination = async (socket: WASocket, jid: string, tools: SendTools): Promise<string | null> => {
  const number = jid.endsWith('@s.whatsapp.net') ? jid.slice(0, jid.indexOf('@')) : null
  if (number === null || (await tools.lidOfPhone(number)) !== null) return jid
  let cancel = (): void => {}
  const late = new Promise<undefined>(
    resolve => (cancel = tools.clock.after(ADDRESS_OF_UNKNOWN_MS_MAX, () => resolve(undefined))),
  )
  try {
    const found = await Promise.race([socket.onWhatsApp(number), late])
    if (!found) throw new Error('WhatsApp did not say whether it knows the number')
    return found.find(one => one.exists)?.jid ?? null
  } finally {
    cancel()
  }
}

/**
 * Sends one message under the id that was fixed for it. `sent` is only what WhatsApp took; a line that broke after the message
 * may have left makes it unknown.
 */
export const sendMessage = async (message: OutboundMessage, tools: SendTools): Promise<SendResult> => {
  const impossible = refusalBefore(BAILEYS_CAPABILITIES, message, tools.clock.now())
  if (impossible) return impossible
  const socket = tools.socket()
  if (!socket) return NOT_CONNECTED
  const named = jidOf(message.to)
  if (!named) return NO_ADDRESS
  const id = providerIdOf(message.messageId)
  const word = wordOn(socket, id, tools)
  try {
    const jid = await destination(socket, named, tools)
    if (!jid) return NOT_THERE
    const content = await contentFor(jid, message)
    if (!content) return unsupported(message.kind)
    const quoted = await quotedOf(message, jid, tools)
    await tools.remember(id, message.ref)
    // It takes its time to be encrypted; the line may be gone by then, and nothing has left.
    if (!socket.ws.isOpen) return NOT_CONNECTED
    try {
      // Without a limit, a store of WhatsApp that falls silent holds up the chat for ever.
      await socket.sendMessage(jid, content, {
        messageId: id,
        mediaUploadTimeoutMs: tools.ackMsMax,
        ...quoted,
      })
    } catch (error) {
      // Handed to an open line it would not have thrown; with the line gone nobody knows.
      if (!socket.ws.isOpen) return { outcome: 'unknown', reason: 'the connection was lost' }
      return { outcome: 'refused', reason: reasonOf(error), code: 'not-sent', retryable: true }
    }
    const heard = await word.heard()
    if (heard.said === 'taken') return { outcome: 'sent', providerMessageId: id }
    if (heard.said === 'nothing') return { outcome: 'unknown', reason: 'WhatsApp did not answer' }
    return {
      outcome: 'refused',
      reason: `WhatsApp refused it (${heard.code})`,
      code: heard.code,
      retryable: PASSING.has(heard.code),
    }
  } catch (error) {
    return { outcome: 'refused', reason: reasonOf(error), code: 'not-sent', retryable: true }
  } finally {
    word.stop()
  }
}
