import { ChannelError } from '../channel-error.ts'
import type { Graph, GraphAnswer } from '../meta/graph.ts'
import { verdictOfRefusal } from './send-message.ts'

/** What Graph has at a path. @throws ChannelError when it says no, or nothing. */
export const ask = async (graph: Graph, path: string, token: string): Promise<unknown> =>
  answered(await graph.get(path, token))

export const answered = (answer: GraphAnswer): unknown => {
  if (answer.outcome === 'ok') return answer.body
  if (answer.outcome !== 'refused') throw new ChannelError('channel-unreachable', answer.reason, true)
  const { reason, retryable } = verdictOfRefusal(answer)
  throw new ChannelError(reason, answer.reason, retryable)
}
