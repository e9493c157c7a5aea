import { ANY, jsonEvent, NO_STREAM, type JSONType } from '@eventstore/db-client'
import type { Log } from '../shared/log.ts'
import { APPENDS_WAITING_MAX, BYTES_WAITING_MAX } from './append-check.ts'
import { connectForAppends, type Connection } from './eventstoredb-connection.ts'
import { actualRevision, asPortError, leaderMoved } from './eventstoredb-errors.ts'
import { positionOfEvent } from './eventstoredb-events.ts'
import { rawStream, type Reading } from './eventstoredb-reader.ts'
import { makePosition } from './position.ts'
import {
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
  type ExpectedRevision,
  type NewEvent,
} from './port.ts'

/**
 * Appends in flight at once. The client writes to one long call; from the sixteenth unsent message on it queues inside a
 * promise that nobody awaits, and a cut then rejects it unhandled, which ends the process. Below that it never queues.
 */
const IN_FLIGHT_MAX = 15

export type Appender = {
  /** `bytes`: how much it holds in memory while it waits for its turn. */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    bytes?: number,
  ): Promise<Appended>
  close(): Promise<void>
}

type Options = { connectionString: string; log: Log; deadlineMs: number; reading: Reading; epoch(): string }

/** One connection and its places. After a deadline it is given up whole, for nobody knows what its call still owes. */
type Lane = {
  readonly connection: Connection
  free: number
  readonly waiting: Set<() => void>
  bytes: number
}

/** What was sent was not answered: the connection is not to be trusted any more. */
class NoAnswer extends StoreUnavailable {}

const withDeadline = <T>(work: Promise<T>, ms: number, doing: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(`${doing}: no answer in ${ms} ms`)), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })

/** Waits for a place, as long as an answer may take. Who is never sent says nothing about the connection. */
const takePlace = async (lane: Lane, bytes: number, ms: number): Promise<void> => {
  if (lane.free > 0) return void lane.free--
  if (lane.waiting.size >= APPENDS_WAITING_MAX || lane.bytes + bytes > BYTES_WAITING_MAX)
    throw new StoreUnavailable('too many appends are waiting')
  lane.bytes += bytes
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer)
      lane.waiting.delete(take)
      lane.bytes -= bytes
    }
    const take = (): void => {
      leave()
      resolve()
    }
    const timer = setTimeout(() => {
      leave()
      reject(new StoreUnavailable(`appends before it took more than ${ms} ms; it was not sent`))
    }, ms)
    lane.waiting.add(take)
  })
}

const givePlace = (lane: Lane): void => {
  const [next] = lane.waiting
  if (next) next()
  else lane.free++
}

export const makeAppender = ({ connectionString, log, deadlineMs, reading, epoch }: Options): Appender => {
  let closed = false
  const newLane = (): Lane => ({
    connection: connectForAppends(connectionString, log),
    free: IN_FLIGHT_MAX,
    waiting: new Set(),
    bytes: 0,
  })
  let lane = newLane()

  const giveUp = (given: Lane): void => {
    if (lane !== given || closed) return
    log.warn({ deadlineMs }, 'an append was not answered in time, connecting to the event store anew')
    const old = given.connection.close()
    lane = newLane()
    void old
  }

  const send = async (
    on: Lane,
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    bytes: number,
  ) => {
    await takePlace(on, bytes, deadlineMs)
    try {
      if (closed || on !== lane) throw new StoreUnavailable('the connection was given up')
      const answer = on.connection.client.appendToStream(
        stream,
        events.map(({ id, type, data, metadata }) =>
          jsonEvent({ id, type, data: data as JSONType, metadata: metadata as Record<string, unknown> }),
        ),
        {
          expectedRevision: expected === 'any' ? ANY : expected === 'none' ? NO_STREAM : BigInt(expected),
          requiresLeader: true,
          deadline: deadlineMs,
        },
      )
      return await withDeadline(answer, deadlineMs, `appending to ${stream}`)
    } catch (error) {
      if (error instanceof NoAnswer) giveUp(on)
      throw error
    } finally {
      givePlace(on)
    }
  }

  /** Whoever took the append for the leader knows better by now: the identical one goes to that. */
  const sendToLeader = async (...append: Parameters<typeof send> extends [Lane, ...infer R] ? R : never) => {
    for (let tries = 1; ; tries++) {
      try {
        return await send(lane, ...append)
      } catch (error) {
        if (!(await leaderMoved(error, tries))) throw error
      }
    }
  }

  /** The answer that the first of two identical appends got, if the events that stand there are these. */
  const firstAnswer = async (
    stream: string,
    first: number,
    events: readonly NewEvent[],
  ): Promise<Appended | null> => {
    let matched = 0
    for await (const resolved of rawStream(reading, stream, { from: first, limit: events.length })) {
      if (resolved.event?.id !== events[matched]?.id) return null
      if (++matched === events.length)
        return { revision: first + matched - 1, position: positionOfEvent(epoch(), resolved) }
    }
    return null
  }

  const positionAt = async (stream: string, revision: number): Promise<Appended> => {
    for await (const resolved of rawStream(reading, stream, { from: revision, limit: 1 }))
      return { revision, position: positionOfEvent(epoch(), resolved) }
    throw new StoreUnavailable(`${stream}@${revision} was appended but is not there`)
  }

  return {
    append: async (stream, expected, events, bytes = 0) => {
      try {
        const { nextExpectedRevision, position } = await sendToLeader(stream, expected, events, bytes)
        const revision = Number(nextExpectedRevision)
        // A repeated append is answered without a place by some servers.
        if (!position || position.commit < 0n || position.commit >= 1n << 63n)
          return await positionAt(stream, revision)
        return { revision, position: makePosition(epoch(), position) }
      } catch (error) {
        const actual = actualRevision(error)
        if (actual === null) throw asPortError(error, `appending to ${stream}`)
        const first = expected === 'none' ? 0 : expected === 'any' ? null : expected + 1
        const answer = first === null ? null : await firstAnswer(stream, first, events)
        if (answer) return answer
        throw new WrongExpectedRevision(stream, expected, actual)
      }
    },
    close: async () => {
      closed = true
      await lane.connection.close()
    },
  }
}
