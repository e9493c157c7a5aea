import type {
  Connection,
  ConnectOptions,
  InboundItem,
  OutboundMessage,
  Provider,
  SendResult,
} from '../../src/providers/provider.ts'
import { textOf } from '../../src/providers/text-of.ts'
import { PLAIN_CAPABILITIES } from '../../src/providers/plain-capabilities.ts'
import type { Chance } from './chance.ts'
import type { Life, Scheduler } from './scheduler.ts'

/**
 * The network on the far side of the sessions. It keeps what customers write until somebody has said that it is durable,
 * one chat in order; it delivers again what was not acknowledged, and now and then what was. It takes what is sent, and
 * may lose the answer.
 */
export type Mood = {
  /** Chances: an acknowledgement is lost; what was acknowledged comes again. */
  ackLost: number
  again: number
  /** Chances of a send: refused for now, refused for good, taken without an answer, neither taken nor answered. */
  refused: number
  rejected: number
  silent: number
  swallowed: number
  wayMs: number
}
/** What is no trouble at all: it happens every day. */
export const USUAL_MOOD = { ackLost: 0.05, again: 0.1, silent: 0.05 } as const
export const GOOD_MOOD: Mood = {
  ackLost: 0,
  again: 0,
  refused: 0,
  rejected: 0,
  silent: 0,
  swallowed: 0,
  wayMs: 10,
}

/** What came to the network from us and was taken. */
export type Taken = {
  readonly ref: string
  readonly sessionId: string
  readonly body: string
  readonly to: string
}

type Lane = { readonly waiting: InboundItem[]; flying: InboundItem[] | null }
type Line = {
  readonly life: Life
  readonly handlers: ConnectOptions['handlers']
  open: boolean
}
/** Where deliveries go that come by webhook: any node that answers. */
export type Webhook = (items: readonly InboundItem[]) => { life: Life; done: Promise<void> } | null

type Session = {
  readonly id: string
  readonly lanes: Map<string, Lane>
  line: Line | null
  readonly webhook: Webhook | null
}

const BATCH_MAX = 4
const REDELIVER_MS = 3_000
/** A delivery that nobody answers is taken for lost, a send for unknown. */
const ANSWER_MS = 20_000
const SEND_MS = 10_000
/** How soon a peer that has fallen silent is missed. */
const HEARTBEAT_MS = 20_000
const LATER_MS: readonly number[] = [50, 2_000, 10_000, 40_000]

export const createChannel = (parts: {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly mood: () => Mood
  /** The network was told that these are durable. */
  acknowledged(sessionId: string, items: readonly InboundItem[]): void
  /** A message of ours was taken by the network. */
  taken(message: Taken): void
}) => {
  const { scheduler, chance, mood, acknowledged, taken } = parts
  const sessions = new Map<string, Session>()
  let sent = 0

  const sessionOf = (id: string): Session => {
    const found = sessions.get(id)
    if (!found) throw new Error(`the network knows no session ${id}`)
    return found
  }
  const way = (): number => chance.float() * mood().wayMs

  /** Hands items to whoever takes this session's deliveries; `null` while nobody does. */
  const hand = (
    session: Session,
    items: readonly InboundItem[],
  ): { life: Life; done: Promise<void> } | null => {
    if (session.webhook) return session.webhook(items)
    const { line } = session
    if (!line?.open || line.life.state === 'over') return null
    return { life: line.life, done: deliverOver(line, items) }
  }
  const deliverOver = (line: Line, items: readonly InboundItem[]): Promise<void> =>
    new Promise((resolve, reject) => {
      scheduler.after(way(), `items ${items.length}`, line.life, () => {
        if (!line.open) return reject(new Error('the connection is closed'))
        line.handlers.onItems(items).then(resolve, reject)
      })
    })

  const fly = (session: Session, name: string, lane: Lane): void => {
    if (lane.flying || lane.waiting.length === 0) return
    const items = lane.waiting.splice(0, 1 + chance.int(BATCH_MAX))
    lane.flying = items
    let answered = false
    const landed = (durable: boolean): void => {
      if (answered) return
      answered = true
      lane.flying = null
      if (durable) {
        acknowledged(session.id, items)
        for (const item of items) if (chance.happens(mood().again)) comeAgain(session, item)
        fly(session, name, lane)
      } else {
        lane.waiting.unshift(...items)
        scheduler.after(REDELIVER_MS * (0.5 + chance.float()), `again ${name}`, null, () =>
          fly(session, name, lane),
        )
      }
    }
    scheduler.after(ANSWER_MS, `no answer ${name}`, null, () => landed(false))
    const handed = hand(session, items)
    // Whoever connects next is handed it.
    if (!handed) return void scheduler.after(REDELIVER_MS, `nobody ${name}`, null, () => landed(false))
    const said = (durable: boolean): void =>
      void scheduler.after(way(), durable ? `ack ${name}` : `nack ${name}`, null, () => {
        if (durable && chance.happens(mood().ackLost)) return
        landed(durable)
      })
    handed.done.then(
      () => said(true),
      () => said(false),
    )
  }

  /** Out of line and without an end: acknowledged long ago, and here it is again. */
  const comeAgain = (session: Session, item: InboundItem): void => {
    const late = item.item === 'message' ? { ...item, message: { ...item.message, late: true } } : item
    scheduler.after(chance.pick(LATER_MS) * (0.5 + chance.float()), 'a repetition', null, () => {
      hand(session, [late as InboundItem])?.done.catch(() => undefined)
    })
  }

  const put = (session: Session, name: string, item: InboundItem): void => {
    const lane = session.lanes.get(name) ?? { waiting: [], flying: null }
    session.lanes.set(name, lane)
    lane.waiting.push(item)
    fly(session, name, lane)
  }

  /** What the recipient's phone tells of a message that was taken; in any order, and more than once. */
  const tell = (session: Session, message: OutboundMessage, providerMessageId: string): void => {
    const upTo = chance.int(4)
    for (const [n, ack] of (['sent', 'delivered', 'read'] as const).entries()) {
      if (n >= upTo) return
      const at = new Date(scheduler.now()).toISOString()
      const withRef = chance.happens(0.7) ? { ref: message.ref } : {}
      scheduler.after(chance.between(0, 4_000), `status ${ack}`, null, () =>
        put(session, `status ${message.ref}`, {
          item: 'status',
          status: { providerMessageId, ack, at, ...withRef },
        }),
      )
    }
  }

  const carry = (session: Session, line: Line, message: OutboundMessage): SendResult | null => {
    const { refused, rejected, silent, swallowed } = mood()
    if (!line.open || chance.happens(swallowed)) return null
    const fate = chance.float()
    if (fate < refused) return { outcome: 'refused', reason: 'rate limit', retryable: true }
    if (fate < refused + rejected) return { outcome: 'refused', reason: 'not a number', retryable: false }
    const providerMessageId = `wire-${++sent}`
    taken({
      ref: message.ref,
      sessionId: session.id,
      body: textOf(message),
      to: message.to[0]?.value ?? '',
    })
    tell(session, message, providerMessageId)
    return fate < refused + rejected + silent ? null : { outcome: 'sent', providerMessageId }
  }

  const send = (session: Session, line: Line, message: OutboundMessage): Promise<SendResult> =>
    new Promise(resolve => {
      const unknown = (): void => resolve({ outcome: 'unknown', reason: 'no answer' })
      scheduler.after(SEND_MS, 'send timeout', line.life, unknown)
      scheduler.after(way(), `wire ${message.ref.slice(-8)}`, null, () => {
        if (line.life.state === 'over' && chance.happens(0.5)) return
        const result = carry(session, line, message)
        if (result) scheduler.after(way(), 'wire answer', line.life, () => resolve(result))
      })
    })

  const close = (line: Line, reason: string): void => {
    if (!line.open) return
    line.open = false
    scheduler.after(way(), `closed: ${reason}`, line.life, () =>
      line.handlers.onState({ state: 'closed', reason }),
    )
  }

  /** Misses a peer that does not answer any more. */
  const listen = (line: Line): void => {
    scheduler.after(HEARTBEAT_MS, 'heartbeat', null, () => {
      if (!line.open) return
      if (line.life.state === 'running') return listen(line)
      close(line, 'no heartbeat')
    })
  }

  const providerOf = (life: Life): Provider => ({
    kind: 'simulator',
    capabilities: {
      ...PLAIN_CAPABILITIES,
      quotes: true,
      readReceipts: true,
    },
    connect: async ({ sessionId, handlers }) => {
      const session = sessionOf(sessionId)
      const line: Line = { life, handlers, open: false }
      let gone = false
      scheduler.after(way(), 'connect', null, () => {
        if (gone || life.state === 'over') return
        if (session.line) close(session.line, 'connected elsewhere')
        session.line = line
        line.open = true
        listen(line)
        scheduler.after(way(), 'connected', life, () =>
          handlers.onState({ state: 'connected', account: null }),
        )
        for (const [name, lane] of session.lanes) fly(session, name, lane)
      })
      const connection: Connection = {
        send: message => send(session, line, message),
        markRead: () => Promise.resolve(),
        fetchMedia: () => Promise.reject(new Error('there is no media here')),
        close: async () => {
          gone = true
          line.open = false
        },
      }
      return connection
    },
  })

  return {
    addSession: (id: string, webhook: Webhook | null): void =>
      void sessions.set(id, { id, lanes: new Map(), line: null, webhook }),
    providerOf,
    /** A customer writes. */
    write: (sessionId: string, chat: string, item: InboundItem): void =>
      put(sessionOf(sessionId), `chat ${chat}`, item),
    /** The network hangs up. */
    hangUp: (sessionId: string): void => {
      const { line } = sessionOf(sessionId)
      if (line) close(line, 'hung up')
    },
    /** How many items nobody has acknowledged. */
    undelivered: (): number =>
      [...sessions.values()]
        .flatMap(({ lanes }) => [...lanes.values()])
        .reduce((sum, { waiting, flying }) => sum + waiting.length + (flying?.length ?? 0), 0),
    openLines: (): number =>
      [...sessions.values()].filter(({ line }) => line?.open && line.life.state === 'running').length,
  }
}
export type Channel = ReturnType<typeof createChannel>
