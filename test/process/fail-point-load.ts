import type { FailPoint } from '../../src/shared/fail-point.ts'
import type { SimulatedInbound } from '../../src/providers/simulator/frames.ts'
import type { Message } from '../../src/realtime/protocol.ts'
import type { App } from '../support/app.ts'
import { postDelivery, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/world.ts'
import { webhookBodyOf } from '../doubles/graph/webhook-bodies.ts'

/**
 * Customers and agents who go on whatever dies: everything is asked again, under the same id or key, until it is
 * answered. What they were promised stands in the ledger, outside of the servers.
 */
export type Tools = {
  readonly world: World
  readonly app: App
  readonly simulator: string
  readonly cloud: string
  readonly stopped: () => boolean
}

/** What one customer and their agent have gone through. */
export type Story = {
  readonly name: string
  readonly ticketId: string
  /** Ids of the agent's messages, in order. */
  readonly replies: readonly string[]
  readonly ends: 'closed' | 'snoozed'
}
export type Ledger = {
  readonly stories: Story[]
  /** Names of people who wrote by webhook and whose delivery was answered with 200. */
  readonly delivered: string[]
  /** Deliveries for a number that nobody has, answered with 200. */
  buried: number
}
export const emptyLedger = (): Ledger => ({ stories: [], delivered: [], buried: 0 })

const ANSWER_MS_MAX = 10_000
/** Servers that die right after their start, one after the other, serve nobody for minutes on a busy machine. */
export const WAIT_MS_MAX = 300_000
const SNOOZE_MS = 1_500
const BREATH_MS = 30
export const NOBODYS_NUMBER = '999999999999999'

export const breath = () => new Promise(resolve => setTimeout(resolve, BREATH_MS))

/** Asks until it is answered; what is refused for good fails the test. */
export const insist = async <T>(
  tools: Pick<Tools, 'app'>,
  path: string,
  options: { body?: unknown; key: string; settled?: readonly number[] },
): Promise<T | null> =>
  until(
    `${path} to be answered`,
    async () => {
      if (!tools.app.alive) return breath().then(() => null)
      const answer = await tools.app.api
        .ask<T>('POST', path, {
          ...(options.body === undefined ? { body: {} } : { body: options.body }),
          headers: { 'idempotency-key': options.key },
          waitMs: ANSWER_MS_MAX,
        })
        .catch(() => null)
      if (answer === null || answer.status >= 500 || answer.status === 429) return breath().then(() => null)
      if (options.settled?.includes(answer.status)) return { body: null }
      if (answer.status >= 400)
        throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return { body: answer.body }
    },
    WAIT_MS_MAX,
  ).then(({ body }) => body as T | null)

/** Writes on a phone, again and again under one id, until the network knows that the engine has it. */
export const write = (
  tools: Pick<Tools, 'world' | 'simulator'>,
  from: string,
  name: string,
  text: string,
  id: string,
  more: Omit<SimulatedInbound, 'from'> = {},
): Promise<true> =>
  until(
    `${id} to be acknowledged`,
    () =>
      tools.world.phone
        .inbound(tools.simulator, { from, name, text, id, ...more })
        .then(() => true as const)
        .catch(() => null),
    WAIT_MS_MAX,
  )

const ticketNamed = (tools: Tools, name: string): Promise<string> =>
  until(
    `a ticket of ${name}`,
    async () => {
      if (!tools.app.alive) return breath().then(() => null)
      const page = await tools.app.api
        .ask<{ items: { id: string }[] }>('GET', `/tickets?q=${name}`, { waitMs: ANSWER_MS_MAX })
        .catch(() => null)
      return page?.status === 200 ? page.body.items[0]?.id : null
    },
    WAIT_MS_MAX,
  )

/** One customer after the other: writes, is answered twice, writes again under another name, is closed or put aside. */
export const customers = async (tools: Tools, lane: number, ledger: Ledger): Promise<void> => {
  for (let n = 0; !tools.stopped(); n++) {
    const name = `Lane${lane}n${n}x`
    const from = `551191${lane}${String(n).padStart(6, '0')}`
    await write(tools, from, name, `${name} 1`, `${name}-1`)
    const id = await ticketNamed(tools, name)
    await insist(tools, `/tickets/${id}/accept`, { key: `${name}-accept` })
    const replies: string[] = []
    for (const reply of [1, 2]) {
      const made = await insist<{ id: string }>(tools, `/tickets/${id}/messages`, {
        body: { body: `to ${name} ${reply}` },
        key: `${name}-reply-${reply}`,
      })
      replies.push(made!.id)
    }
    await write(tools, from, `${name} Silva`, `${name} 2`, `${name}-2`)
    const ends = n % 2 === 0 ? 'snoozed' : 'closed'
    if (ends === 'closed') await insist(tools, `/tickets/${id}/close`, { key: `${name}-close` })
    else {
      const until = new Date(Date.now() + SNOOZE_MS).toISOString()
      // Asked again after a death, its time may have passed: then it is for the story as if it never was.
      await insist(tools, `/tickets/${id}/snooze`, {
        body: { until },
        key: `${name}-snooze`,
        settled: [422],
      })
    }
    ledger.stories.push({ name, ticketId: id, replies, ends })
  }
}

/** Meta delivers until it is taken: a message of one person after the other, now and then one for nobody. */
export const deliveries = async (tools: Tools, ledger: Ledger): Promise<void> => {
  const deliver = (what: string, delivery: unknown): Promise<true> =>
    until(
      `${what} to be taken`,
      async () => {
        if (!tools.app.alive) return breath().then(() => null)
        const answer = await postDelivery(tools.app.url, tools.cloud, delivery).catch(() => null)
        return answer?.status === 200 ? (true as const) : breath().then(() => null)
      },
      WAIT_MS_MAX,
    )
  for (let n = 0; !tools.stopped(); n++) {
    const name = `Meta${n}x`
    const from = `551192${String(n).padStart(7, '0')}`
    await deliver(name, texts(from, name, [{ id: `wamid.${name}`, body: `${name} 1` }]))
    ledger.delivered.push(name)
    const nobodys = {
      messages: [{ from, id: `wamid.lost-${n}`, timestamp: '1772000000', type: 'text', text: { body: 'x' } }],
    }
    await deliver(`nobody's ${n}`, webhookBodyOf(NOBODYS_NUMBER, nobodys))
    ledger.buried++
  }
}

/** Everything that a session has sent, as the network knows it. */
export const everythingSent = async (world: World, sessionId: string): Promise<string[]> => {
  const bodies: string[] = []
  for (let after: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof world.phone.outbound>> = await world.phone.outbound(
      sessionId,
      after,
    )
    if (page.items.length === 0) return bodies
    bodies.push(...page.items.map(({ body }) => body))
    after = page.nextCursor
  }
}

/** Steps of merging, separating and erasing people. */
export const isAboutPeople = (point: FailPoint): boolean => /^(merge|join|part|live|erase)\./.test(point)

export const isResting = ({ ack }: Message): boolean => ack !== 'queued' && ack !== 'sending'
