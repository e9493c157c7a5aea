import type { HistoryEntry, Message } from '../../src/realtime/protocol.ts'
import type { Api } from '../support/api.ts'
import type { ServerProcess } from '../support/app.ts'
import { until } from '../support/until.ts'

/**
 * So long nothing may happen to replies that still wait: longer than a lease, a dead worker's job and all tries of a failing
 * one together. How long a backlog takes that does move is the machine's affair.
 */
const STANDSTILL_MS_MAX = 120_000
const LOG_LINES_TOLD = 15
const FACTS_TOLD = 6

const onItsWay = ({ ack }: Message): boolean => ack === 'queued' || ack === 'sending'

/** The last words of a server that are more than information. */
const troublesOf = (server: ServerProcess): string =>
  server
    .logs()
    .split('\n')
    .filter(line => /"level":"(warn|error|fatal)"|"level":[456]0/.test(line))
    .slice(-LOG_LINES_TOLD)
    .join('\n')

const factsAbout = (history: readonly HistoryEntry[], messageId: string): string =>
  history
    .filter(entry => JSON.stringify(entry).includes(messageId))
    .slice(-FACTS_TOLD)
    .map(({ revision, type, at }) => `  ${revision} ${type} ${at}`)
    .join('\n')

/**
 * Resolves when no reply of the ticket waits or is on its way any more: each is sent, failed or unknown.
 * @throws Error that tells what became of the oldest and of the servers, when nothing moves.
 */
export const repliesAtRest = async (
  who: string,
  ticketId: string,
  api: Api,
  servers: readonly ServerProcess[],
): Promise<void> => {
  let waiting: Message[] = []
  let movedAt = performance.now()
  const state = (messages: readonly Message[]): string => messages.map(({ id, ack }) => `${id}${ack}`).join()
  await until(
    `the replies to ${who}`,
    async () => {
      const now = (await api.messages(ticketId)).filter(onItsWay)
      if (state(now) !== state(waiting)) movedAt = performance.now()
      waiting = now
      return now.length === 0 || performance.now() - movedAt > STANDSTILL_MS_MAX
    },
    Number.POSITIVE_INFINITY,
  )
  const [oldest] = waiting
  if (!oldest) return
  throw new Error(
    [
      `${waiting.length} replies to ${who} stand still, the oldest ${oldest.ack}: ${oldest.body}`,
      factsAbout(await api.history(ticketId), oldest.id),
      ...servers.map(server => `${server.url}:\n${troublesOf(server)}`),
    ].join('\n'),
  )
}
