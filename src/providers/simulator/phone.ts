import { WebSocket } from 'ws'
import { z } from 'zod'
import type { Clock } from '../../shared/clock.ts'
import { createCalls } from './calls.ts'
import { SimulatorFault } from './fault.ts'
import {
  simulatedInbound,
  toPhone,
  WIRE_BYTES_MAX,
  type ConnectionChange,
  type Doing,
  type Misbehaviour,
  type PhoneCall,
  type SimulatedAck,
  type SimulatedInbound,
  type ToNetwork,
  type ToPhone,
} from './frames.ts'
import { createWire, type Wire } from './wire.ts'

const accepted = z.object({ messageId: z.string(), duplicate: z.boolean() })
const outboundPage = z.object({
  items: z.array(
    z.object({
      messageId: z.string(),
      to: z.string(),
      kind: z.string(),
      body: z.string(),
      at: z.string(),
      quotedId: z.string().optional(),
      media: z
        .object({
          mime: z.string(),
          size: z.number().optional(),
          name: z.string().optional(),
          mediaId: z.string(),
        })
        .optional(),
      details: z.json().optional(),
      target: z.string().optional(),
      emoji: z.string().optional(),
    }),
  ),
  nextCursor: z.string().nullable(),
})
const seen = z.object({
  mode: z.string(),
  linked: z.boolean(),
  waiting: z.int(),
  read: z.array(z.string()),
  typing: z.array(z.string()),
})
const file = z.object({ mime: z.string(), base64: z.string() })

/** The customers' side of the simulated network. Every call rejects with a `SimulatorFault` when it was not done. */
export type SimulatorPhone = {
  /** Writes as a customer; resolves once the engine has made it durable and acknowledged it. */
  inbound(sessionId: string, message: SimulatedInbound): Promise<z.output<typeof accepted>>
  /** What the session sent, oldest first, after a cursor. */
  outbound(sessionId: string, after?: string | null, limit?: number): Promise<z.output<typeof outboundPage>>
  /** The customer's phone says how far a message of ours got. */
  ack(sessionId: string, messageId: string, ack: SimulatedAck): Promise<void>
  connection(sessionId: string, change: ConnectionChange): Promise<void>
  misbehave(sessionId: string, misbehaviour: Misbehaviour): Promise<void>
  /** A customer begins or stops writing. */
  presence(sessionId: string, from: string, doing: Doing): Promise<void>
  /** The bytes of a file that the session sent. */
  file(sessionId: string, mediaId: string): Promise<{ mime: string; bytes: Buffer }>
  /** How the network sees the session, which messages the engine has marked as read, and to whom it is writing. */
  look(sessionId: string): Promise<z.output<typeof seen>>
  close(): void
}

const OUTBOUND_PAGE_MAX = 100
const ANSWER_MARGIN_MS = 1_000

type Line = { wire: Wire<ToNetwork>; socket: WebSocket }
type Asked<C = PhoneCall> = C extends PhoneCall ? Omit<C, 'id'> : never

export const simulatorPhone = (options: {
  url: string | (() => string)
  clock: Clock
  timeoutMs?: number
}): SimulatorPhone => {
  const { clock, timeoutMs = 5_000 } = options
  const calls = createCalls<ToPhone>(clock)
  let line: Promise<Line> | null = null
  let closed = false

  const dial = (): Promise<Line> => {
    const dialled = new Promise<Line>((resolve, reject) => {
      const url = typeof options.url === 'string' ? options.url : options.url()
      const socket = new WebSocket(url, {
        maxPayload: WIRE_BYTES_MAX,
        handshakeTimeout: timeoutMs,
        perMessageDeflate: false,
      })
      const wire = createWire<ToPhone, ToNetwork>(
        socket,
        toPhone,
        frame => calls.answer(frame.id, frame),
        () => socket.terminate(),
      )
      socket.once('open', () => {
        wire.say({ t: 'phone' })
        resolve({ wire, socket })
      })
      socket.on('error', error => reject(new SimulatorFault('network-unreachable', error.message)))
      socket.on('close', () => {
        if (line === dialled) line = null
        calls.closeAll()
        reject(new SimulatorFault('network-unreachable', 'the simulator network hung up'))
      })
    })
    return dialled
  }

  const call = async (asked: Asked): Promise<unknown> => {
    if (closed) throw new SimulatorFault('network-unreachable', 'the phone is switched off')
    line ??= dial()
    const dialled = line
    const { wire } = await dialled.catch((error: unknown) => {
      if (line === dialled) line = null
      throw error
    })
    const answer = await calls.ask(
      id => wire.say({ ...asked, id }),
      timeoutMs + ANSWER_MARGIN_MS,
      why => ({
        t: 'fault',
        id: 0,
        code: 'network-unreachable',
        reason: `the simulator network did not answer: ${why}`,
      }),
    )
    if (answer.t === 'fault') throw new SimulatorFault(answer.code, answer.reason)
    return answer.value
  }

  return {
    async inbound(sessionId, written) {
      const message = simulatedInbound.safeParse(written)
      if (!message.success) throw new SimulatorFault('invalid', z.prettifyError(message.error))
      return accepted.parse(await call({ t: 'inbound', sessionId, waitMs: timeoutMs, message: message.data }))
    },
    outbound: async (sessionId, after = null, limit = OUTBOUND_PAGE_MAX) =>
      outboundPage.parse(await call({ t: 'outbound', sessionId, after, limit })),
    async ack(sessionId, messageId, ack) {
      await call({ t: 'status', sessionId, messageId, ack })
    },
    async connection(sessionId, change) {
      await call({ t: 'connection', sessionId, change })
    },
    async misbehave(sessionId, misbehaviour) {
      await call({ t: 'misbehave', sessionId, misbehaviour })
    },
    async presence(sessionId, from, doing) {
      await call({ t: 'presence', sessionId, from, doing })
    },
    async file(sessionId, mediaId) {
      const { mime, base64 } = file.parse(await call({ t: 'file', sessionId, mediaId }))
      return { mime, bytes: Buffer.from(base64, 'base64') }
    },
    look: async sessionId => seen.parse(await call({ t: 'look', sessionId })),
    close() {
      closed = true
      void line?.then(
        ({ socket }) => socket.close(),
        () => {},
      )
    },
  }
}
