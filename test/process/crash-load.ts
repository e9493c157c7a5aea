import type { Api } from '../support/api.ts'
import type { App } from '../support/app.ts'
import { postDelivery, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import type { Ledger } from './ledger.ts'

type Tools = {
  /** A server that is worth asking; waits while all are dead. */
  someApp(): Promise<App>
  readonly stopped: () => boolean
  readonly random: () => number
  readonly ledger: Ledger
}

const ANSWER_MS_MAX = 20_000
/**
 * Everybody takes a breath before the next message: on a fast machine too a trial is about deaths, and not about reading back
 * what was written between them.
 */
const BREATH_MS = 100
/** Longer than a server that dies twice while it starts, on a machine that is busy with other things too. */
const TAKEN_MS_MAX = 240_000
const SAID_TWICE = 0.15

const breath = (): Promise<void> => new Promise(resolve => setTimeout(resolve, BREATH_MS))

/** What it came to, or `null` when the connection broke. */
const attempt = async <T>(ask: () => Promise<T>): Promise<T | null> => {
  try {
    return await ask()
  } catch {
    return null
  }
}

/** A customer on the simulated network who writes one message after the other and never repeats a failed one. */
export const simulatedCustomer = async (
  tools: Tools,
  who: { sessionId: string; from: string; name: string; first: number },
): Promise<void> => {
  const { ledger } = tools
  for (let n = who.first; !tools.stopped(); n++) {
    await breath()
    const { api } = await tools.someApp()
    const body = { from: who.from, name: who.name, text: `${who.name} ${n}`, id: `${who.name}-${n}` }
    const write = (via: Api) =>
      attempt(() => via.ask('POST', `/simulator/${who.sessionId}/inbound`, { body, waitMs: ANSWER_MS_MAX }))
    ledger.handedIn(who.name, n)
    const answer = await write(api)
    if (answer?.status !== 202) continue
    ledger.accepted(who.name, n)
    // The network may deliver again what was acknowledged, by way of any server.
    if (tools.random() < SAID_TWICE) await write((await tools.someApp()).api)
  }
}

/** Meta delivers a message until it is taken, and only then the next. */
export const officialCustomer = async (
  tools: Tools,
  who: { sessionId: string; from: string; name: string; first: number },
): Promise<void> => {
  const { ledger } = tools
  for (let n = who.first; !tools.stopped(); n++) {
    const delivery = texts(who.from, who.name, [{ id: `wamid.${who.name}-${n}`, body: `${who.name} ${n}` }])
    ledger.handedIn(who.name, n)
    await until(
      `delivery ${n} of ${who.name} to be taken`,
      async () => {
        const { url } = await tools.someApp()
        return (await attempt(() => postDelivery(url, who.sessionId, delivery)))?.status === 200
      },
      TAKEN_MS_MAX,
    )
    ledger.accepted(who.name, n)
    await breath()
  }
}

/** An agent who answers one after the other, each until it is known to be queued. */
export const agent = async (tools: Tools, who: { ticketId: string; name: string }): Promise<void> => {
  for (let n = 0; !tools.stopped(); n++) {
    const body = { body: `to ${who.name} ${n}` }
    const headers = { 'idempotency-key': `${who.ticketId}-${n}` }
    const queue = async (): Promise<{ id: string } | false> => {
      const { api } = await tools.someApp()
      const answer = await attempt(() =>
        api.ask<{ id: string }>('POST', `/tickets/${who.ticketId}/messages`, {
          body,
          headers,
          waitMs: ANSWER_MS_MAX,
        }),
      )
      if (answer && answer.status !== 201 && answer.status < 500)
        throw new Error(`a reply was refused: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer?.status === 201 && answer.body
    }
    const made = await until(`reply ${n} to ${who.name} to be queued`, queue, TAKEN_MS_MAX)
    tools.ledger.replied(who.name, n, made.id)
    await breath()
  }
}
