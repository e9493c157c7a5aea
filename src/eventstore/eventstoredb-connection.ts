import { EventStoreDBClient } from '@eventstore/db-client'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../shared/log.ts'

/** A client that can be put away whole: `dispose` of the client itself leaves the channel, and so the process, open. */
export type Connection = { readonly client: EventStoreDBClient; close(): Promise<void> }

type Inside = {
  getChannel(): Promise<{ close(): void }>
  supports(...method: readonly unknown[]): Promise<boolean>
}

const CLOSE_MS_MAX = 2_000

/**
 * The client keeps the answers that BatchAppend still owes in one table for the whole process, and empties it when any
 * client's stream fails; an answer that then arrives for another client throws where nobody can catch it. So one
 * connection of a process at a time may use BatchAppend, until it is closed; others (tests, tools, the one that follows
 * one that was given up) append call by call meanwhile.
 */
let batching: Connection | null = null

/**
 * Only throwing mode: otherwise the batch path reports wrong revisions. And only the leader: a follower may be behind, and
 * actors decide on what they read.
 */
const ours = (connectionString: string): string =>
  connectionString
    .replace(/throwOnAppendFailure=false/i, 'throwOnAppendFailure=true')
    .replace(/nodePreference=[a-z_]+/i, 'nodePreference=leader')

export const connect = (connectionString: string, log: Log): Connection => {
  const client = EventStoreDBClient.connectionString(ours(connectionString))
  const inside = client as unknown as Inside
  const warn = (error: unknown): void =>
    log.debug({ error: String(error) }, 'an EventStoreDB connection did not close in order')
  return {
    client,
    close: async () => {
      const disposed = client.dispose().catch(warn)
      await Promise.race([disposed, delay(CLOSE_MS_MAX, undefined, { ref: false })])
      const channel = inside.getChannel().then(open => open.close(), warn)
      await Promise.race([channel, delay(CLOSE_MS_MAX, undefined, { ref: false })])
    },
  }
}

/** A connection for appends. */
export const connectForAppends = (connectionString: string, log: Log): Connection => {
  const connection = connect(connectionString, log)
  const inside = connection.client as unknown as Inside
  const { supports } = inside
  let closing = false
  const free = (): boolean => !closing && (batching === null || batching === connection)
  // The client asks before each append.
  inside.supports = async (...method) => {
    if (!free() || !(await supports(...method)) || !free()) return false
    batching = connection
    return true
  }
  return {
    client: connection.client,
    close: async () => {
      closing = true
      await connection.close()
      if (batching === connection) batching = null
    },
  }
}
