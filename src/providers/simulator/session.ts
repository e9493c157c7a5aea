import { randomUUID } from 'node:crypto'
import { isoNow, type Clock } from '../../shared/clock.ts'
import type { DeliveryStatus } from '../provider.ts'
import { boundedMap } from '../../shared/bounded-map.ts'
import { createDeliveries } from './deliveries.ts'
import { SimulatorFault } from './fault.ts'
import type {
  ConnectionChange,
  Doing,
  LinkFrame,
  Misbehaviour,
  PhoneCall,
  SimulatedAck,
  ToLink,
} from './frames.ts'
import { createInboundBook, type Accepted } from './inbound-book.ts'
import { inboundItem } from './inbound-item.ts'
import { createMediaShelf } from './media-shelf.ts'
import { createOutbox } from './outbox.ts'
import { addressText, simulatedAddress } from './party.ts'
import { createSentLog, type Sent } from './sent-log.ts'

/** One session (one business number) on the simulated network: its connection, what waits for it, what it sent. */

const READ_SHOWN_MAX = 1_000

export type LinkEnd = { say(frame: ToLink): void; hangUp(): void }
type Mode = 'online' | 'dropped' | 'logged-out' | 'replaced' | 'restricted'
type Inbound = Extract<PhoneCall, { t: 'inbound' }>
/** The status codes are those of the real network, so that logs read alike. */
const BYE = {
  'logged-out': { reason: 'logged out on the phone', code: '401' },
  replaced: { reason: 'another link took over', code: '440' },
  restricted: { reason: 'the account is restricted', code: '403' },
} as const
const CHANGED: Record<ConnectionChange, Mode> = {
  drop: 'dropped',
  logout: 'logged-out',
  replace: 'replaced',
  restrict: 'restricted',
  restore: 'online',
}

export const createSimulatedSession = (sessionId: string, clock: Clock) => {
  const account = `sim-${sessionId}`
  let mode: Mode = 'online'
  let link: LinkEnd | null = null
  let misbehaviour: Misbehaviour = {}
  const sent = createSentLog()
  const readIds = boundedMap<true>(READ_SHOWN_MAX)
  const typing = boundedMap<boolean>(READ_SHOWN_MAX)
  const media = createMediaShelf()
  const outbox = createOutbox(media)
  const deliveries = createDeliveries({ clock, misbehaviour: () => misbehaviour })
  const book = createInboundBook(deliveries.add)

  const part = (state: keyof typeof BYE) => {
    link?.say({ t: 'bye', state, ...BYE[state] })
    letGo()
  }
  const letGo = () => {
    link?.hangUp()
    link = null
    outbox.clear()
    deliveries.closed()
  }

  const status = (message: Sent, ack: SimulatedAck) => {
    const said: DeliveryStatus = {
      providerMessageId: message.messageId,
      ref: message.ref,
      ack,
      at: isoNow(clock),
      ...(ack === 'failed' ? { error: { code: '131026', reason: 'undeliverable', retryable: false } } : {}),
    }
    deliveries.add({
      lane: message.to,
      item: { item: 'status', status: said },
      late: false,
      acknowledged: () => {},
    })
  }

  const inbound = (message: Inbound['message'], done: (accepted: Accepted) => void): (() => void) => {
    if (mode === 'logged-out') throw new SimulatorFault('logged-out', 'the session is logged out')
    const made = {
      id: message.id ?? `sim.${randomUUID()}`,
      now: isoNow(clock),
      account,
      ...(message.media ? { media: media.keep(message.media) } : {}),
    }
    return book.add(inboundItem(message, made), done)
  }

  const send = (frame: Extract<LinkFrame, { t: 'send' }>) => {
    if (misbehaviour.refuse) return link?.say({ t: 'refused', id: frame.id, ...misbehaviour.refuse })
    const message = taken(frame)
    if ('code' in message) return link?.say({ t: 'refused', id: frame.id, ...message })
    sent.add(message)
    typing.set(message.to, false)
    if (!misbehaviour.loseAnswer) link?.say({ t: 'sent', id: frame.id, providerMessageId: message.messageId })
    if ((misbehaviour.autoDeliver ?? true) && message.target === undefined) status(message, 'delivered')
  }

  const taken = (frame: Extract<LinkFrame, { t: 'send' }>) => {
    try {
      return outbox.take(frame, isoNow(clock))
    } catch (error) {
      if (error instanceof SimulatorFault)
        return { code: error.code, reason: error.message, retryable: false }
      throw error
    }
  }

  const readMedia = (frame: Extract<LinkFrame, { t: 'media' }>) => {
    const found = media.get(frame.mediaId)
    link?.say(found ? { t: 'media', id: frame.id, ...found } : { t: 'no-media', id: frame.id })
  }

  return {
    sessionId,
    /** A link says hello: it is taken, or told why not. The one before it is told that it was replaced, and may take over again. */
    join(end: LinkEnd) {
      if (mode === 'dropped') return end.hangUp()
      if (mode === 'replaced') mode = 'online'
      if (mode !== 'online') {
        end.say({ t: 'bye', state: mode, ...BYE[mode] })
        return end.hangUp()
      }
      if (link) part('replaced')
      link = end
      end.say({ t: 'welcome', account })
      deliveries.opened((delivery, items) => end.say({ t: 'deliver', delivery, items }))
    },
    leave(end: LinkEnd) {
      if (link === end) letGo()
    },
    heard(end: LinkEnd, frame: LinkFrame) {
      if (link !== end) return
      if (frame.t === 'ack') deliveries.ack(frame.delivery)
      else if (frame.t === 'nack') deliveries.nack(frame.delivery)
      else if (frame.t === 'send') send(frame)
      else if (frame.t === 'part') outbox.part(frame)
      else if (frame.t === 'typing') for (const to of frame.to) typing.set(addressText(to), frame.on)
      else if (frame.t === 'media') readMedia(frame)
      else for (const id of frame.ids) readIds.set(id, true)
    },
    /** Queues what a phone wrote; `done` is called when the engine has acknowledged it. Answers how to stop waiting. */
    inbound,
    /** Whether waiting for an acknowledgement is pointless for now. */
    away: () => mode !== 'online',
    outbound: sent.page,
    status(messageId: string, ack: SimulatedAck) {
      const message = sent.get(messageId)
      if (!message) throw new SimulatorFault('unknown-message', 'this session sent no such message')
      status(message, ack)
    },
    change(change: ConnectionChange) {
      mode = CHANGED[change]
      if (mode === 'online') return
      if (mode === 'dropped') letGo()
      else part(mode)
    },
    misbehave(change: Misbehaviour) {
      misbehaviour = { ...misbehaviour, ...change }
    },
    presence(from: string, doing: Doing) {
      const chat = [simulatedAddress(from)]
      link?.say({ t: 'presence', presence: { chat, doing } })
    },
    file(mediaId: string) {
      const found = media.get(mediaId)
      if (!found) throw new SimulatorFault('unknown-message', 'there is no such file')
      return found
    },
    look: () => ({
      mode,
      linked: link !== null,
      waiting: deliveries.size(),
      read: readIds.keys(),
      typing: typing.keys().filter(to => typing.get(to)),
    }),
    stop() {
      letGo()
      deliveries.stop()
    },
  }
}
export type SimulatedSession = ReturnType<typeof createSimulatedSession>
