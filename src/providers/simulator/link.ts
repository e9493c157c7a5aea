import { WebSocket } from 'ws'
import { failPoint } from '../../shared/fail-point.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import { MediaTooLarge } from '../../shared/media-limits.ts'
import type { Connection, ConnectionState, ConnectOptions, OutboundMessage, SendResult } from '../provider.ts'
import { mediaOf } from '../media-of.ts'
import { refusalBefore } from '../refusal.ts'
import { createCalls } from './calls.ts'
import { SIMULATED_HEALTH, SIMULATED_TEMPLATES, SIMULATOR_CAPABILITIES } from './capabilities.ts'
import { toLink, WIRE_BYTES_MAX, type ToLink, type ToNetwork } from './frames.ts'
import { heartbeat } from './heartbeat.ts'
import { sayFile, sendFrame } from './say-message.ts'
import { createWire } from './wire.ts'

export const SEND_WAIT_MS = 10_000
const MEDIA_WAIT_MS = 30_000
const OPEN_WAIT_MS = 10_000
const NOT_CONNECTED: SendResult = { outcome: 'refused', reason: 'not-connected', retryable: true }

export type LinkOptions = { url: string | (() => string); clock: Clock; log: Log; sendWaitMs?: number }

type MediaAnswer = Extract<ToLink, { t: 'media' }> | { t: 'no-media'; reason: string }

/** One session's socket to the simulated network. */
export const openLink = (request: ConnectOptions, options: LinkOptions): Connection => {
  const { clock, sendWaitMs = SEND_WAIT_MS } = options
  const log = options.log.child({ companyId: request.companyId, sessionId: request.sessionId })
  const { handlers } = request
  const sends = createCalls<SendResult>(clock)
  const fetches = createCalls<MediaAnswer>(clock)
  const inHand = new Set<number>()
  let phase: 'opening' | 'connected' | 'over' = 'opening'
  const isOver = () => phase === 'over'
  let uploads = 0

  const url = typeof options.url === 'string' ? options.url : options.url()
  const socket = new WebSocket(url, {
    maxPayload: WIRE_BYTES_MAX,
    handshakeTimeout: OPEN_WAIT_MS,
    perMessageDeflate: false,
  })

  const over = (state: ConnectionState | null) => {
    if (phase === 'over') return
    phase = 'over'
    stopHeart()
    sends.closeAll()
    fetches.closeAll()
    socket.close()
    if (state) handlers.onState(state)
  }

  const deliver = (frame: Extract<ToLink, { t: 'deliver' }>) => {
    // Pushed again while the first is still being made durable: that one will answer.
    if (inHand.has(frame.delivery)) return
    inHand.add(frame.delivery)
    const answer = (t: 'ack' | 'nack') => {
      inHand.delete(frame.delivery)
      if (phase === 'connected') wire.say({ t, delivery: frame.delivery })
    }
    handlers.onItems(frame.items).then(
      () => answer('ack'),
      (error: unknown) => {
        log.warn(
          { err: error, items: frame.items.length },
          'a delivery was not made durable; it will come again',
        )
        answer('nack')
      },
    )
  }

  const hear = (frame: ToLink) => {
    if (phase === 'over') return
    switch (frame.t) {
      case 'welcome':
        phase = 'connected'
        return handlers.onState({ state: 'connected', account: frame.account })
      case 'bye':
        return over({ state: frame.state, reason: frame.reason, code: frame.code })
      case 'deliver':
        return deliver(frame)
      case 'sent':
        return sends.answer(frame.id, { outcome: 'sent', providerMessageId: frame.providerMessageId })
      case 'refused':
        return sends.answer(frame.id, {
          outcome: 'refused',
          reason: frame.reason,
          code: frame.code,
          retryable: frame.retryable,
        })
      case 'presence':
        return handlers.onPresence?.(frame.presence)
      case 'media':
        return fetches.answer(frame.id, frame)
      case 'no-media':
        return fetches.answer(frame.id, { t: 'no-media', reason: 'the channel no longer has it' })
    }
  }

  const nonsense = (error: unknown) => {
    log.error({ err: error }, 'the simulator network spoke nonsense')
    over({ state: 'closed', reason: 'not a frame', code: '1007' })
  }
  const wire = createWire<ToLink, ToNetwork>(socket, toLink, hear, nonsense, written)
  socket.on('open', () => wire.say({ t: 'link', sessionId: request.sessionId }))
  socket.on('close', code => over({ state: 'closed', reason: 'the connection was lost', code: String(code) }))
  socket.on('error', error => over({ state: 'closed', reason: error.message }))
  const stopHeart = heartbeat(socket, clock, () => {
    socket.terminate()
    over({ state: 'closed', reason: 'no heartbeat' })
  })
  handlers.onState({ state: 'connecting' })

  const lostSend = (why: 'timeout' | 'closed'): SendResult => ({
    outcome: 'unknown',
    reason: why === 'timeout' ? `no answer in ${sendWaitMs} ms` : 'the connection was lost before the answer',
  })
  const send = async (message: OutboundMessage): Promise<SendResult> => {
    if (phase !== 'connected') return NOT_CONNECTED
    const unfit = refusalBefore(SIMULATOR_CAPABILITIES, message, clock.now())
    if (unfit) return unfit
    const upload = ++uploads
    const carried = mediaOf(message)
    if (carried) {
      try {
        await sayFile(wire, upload, carried.media)
      } catch (error) {
        log.warn({ err: error }, 'a file could not be read')
        return {
          outcome: 'refused',
          code: 'media-unreadable',
          reason: 'the file cannot be read',
          retryable: true,
        }
      }
      // Nothing but parts was said so far: whoever was cut off in between has sent nothing.
      if (isOver()) return NOT_CONNECTED
    }
    return sends.ask(id => wire.say(sendFrame(id, message, upload)), sendWaitMs, lostSend)
  }

  return {
    send,
    async markRead(_chat, ids) {
      if (phase === 'connected') wire.say({ t: 'read', ids: [...ids] })
    },
    async typing(chat, on) {
      if (phase === 'connected') wire.say({ t: 'typing', to: [...chat], on })
    },
    health: async () => SIMULATED_HEALTH,
    templates: async () => SIMULATED_TEMPLATES,
    async fetchMedia(mediaId, bytesMax = Number.POSITIVE_INFINITY) {
      if (phase !== 'connected') throw new Error('not-connected')
      const found = await fetches.ask(
        id => wire.say({ t: 'media', id, mediaId }),
        MEDIA_WAIT_MS,
        why => ({
          t: 'no-media',
          reason: `no answer: ${why}`,
        }),
      )
      if (found.t === 'no-media') throw new Error(found.reason)
      const bytes = Buffer.from(found.base64, 'base64')
      if (bytes.length > bytesMax) throw new MediaTooLarge(bytesMax, bytes.length)
      return { mime: found.mime, size: bytes.length, bytes: once(bytes) }
    },
    async close() {
      over(null)
    },
  }
}

const written = (frames: readonly ToNetwork[]): void => {
  if (frames.some(({ t }) => t === 'send')) failPoint('wire.written')
  if (frames.some(({ t }) => t === 'ack')) failPoint('link.acknowledged')
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
