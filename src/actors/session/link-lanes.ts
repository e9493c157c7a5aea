import type { InboundItem, Party } from '../../providers/provider.ts'

/**
 * Hands on what came in: one chat strictly in order, different chats side by side up to a bound. A chat is a lane; a lane
 * that is at work keeps what comes meanwhile and takes it as one batch when its turn comes, so a busy chat costs few
 * rounds. When a batch fails, everything that waits in the same lane fails with it: nothing may overtake what will be
 * delivered again.
 */
export const LANES_AT_WORK_MAX = 64
export const LANE_BATCH_MAX = 50
/** More than this waiting is refused; the provider delivers it again. */
export const LANES_WAITING_MAX = 10_000

export type Lanes = {
  /** Resolves when all items are durable; rejects when any is not. */
  hand(items: readonly InboundItem[]): Promise<void>
  /** Resolves when nothing is at work and nothing waits. */
  idle(): Promise<void>
  /** How many items wait or are at work. */
  size(): number
}

type Ticket = { readonly item: InboundItem; readonly done: (error?: unknown) => void }
type Lane = { readonly waiting: Ticket[] }

/** What has to stay in order with what. Receipts of one message among themselves; what is only counted with nothing. */
export const laneOf = (item: InboundItem): string => {
  if (item.item === 'status') return `status ${item.status.ref ?? item.status.providerMessageId}`
  if (item.item === 'ignored' || item.item === 'gap') return item.item
  const { addresses } = partyOf(item)
  return `chat ${addresses[0]?.kind} ${addresses[0]?.value}`
}

const partyOf = (item: Exclude<InboundItem, { item: 'status' | 'ignored' | 'gap' }>): Party => {
  switch (item.item) {
    case 'message':
      return item.message.chat
    case 'watermark':
      return item.watermark.chat
    case 'call':
      return item.chat
    case 'identity':
      return item.party
  }
}

export const createLanes = (options: {
  receive: (items: readonly InboundItem[]) => Promise<void>
  atWorkMax?: number
  waitingMax?: number
}): Lanes => {
  const { receive, atWorkMax = LANES_AT_WORK_MAX, waitingMax = LANES_WAITING_MAX } = options
  const lanes = new Map<string, Lane>()
  const ready: string[] = []
  let atWork = 0
  let size = 0
  const quiet: (() => void)[] = []

  const add = (item: InboundItem): Promise<void> =>
    new Promise((resolve, reject) => {
      const name = laneOf(item)
      const lane = lanes.get(name) ?? { waiting: [] }
      if (!lanes.has(name)) {
        lanes.set(name, lane)
        ready.push(name)
      }
      size += 1
      const done = (error?: unknown) => {
        size -= 1
        if (error === undefined) resolve()
        else reject(error instanceof Error ? error : new Error('not durable', { cause: error }))
      }
      lane.waiting.push({ item, done })
    })

  const startReady = () => {
    while (atWork < atWorkMax) {
      const name = ready.shift()
      if (name === undefined) return
      atWork += 1
      void work(name)
    }
  }

  const work = async (name: string): Promise<void> => {
    const lane = lanes.get(name)
    const batch = lane?.waiting.splice(0, LANE_BATCH_MAX) ?? []
    try {
      await receive(batch.map(ticket => ticket.item))
      for (const ticket of batch) ticket.done()
    } catch (error) {
      for (const ticket of [...batch, ...(lane?.waiting.splice(0) ?? [])])
        ticket.done(error ?? new Error('not durable'))
    }
    atWork -= 1
    // To the back: a flooding chat must not starve the others.
    if (lane && lane.waiting.length > 0) ready.push(name)
    else lanes.delete(name)
    startReady()
    if (size === 0) for (const resolve of quiet.splice(0)) resolve()
  }

  return {
    async hand(items) {
      if (size + items.length > waitingMax)
        throw new Error(`more than ${waitingMax} items wait to be made durable`)
      const all = items.map(add)
      startReady()
      const failed = (await Promise.allSettled(all)).find(r => r.status === 'rejected')
      if (failed) throw failed.reason
    },
    idle: () => (size === 0 ? Promise.resolve() : new Promise(resolve => quiet.push(resolve))),
    size: () => size,
  }
}
