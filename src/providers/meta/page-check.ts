import { z } from 'zod'
import type { ConnectionState } from '../provider.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import type { PageChannel } from './page-channel.ts'
import { pageVerdictOf } from './page-errors.ts'

const subscriptions = z.looseObject({
  data: z.array(z.looseObject({ subscribed_fields: z.array(z.string()).optional() })),
})

/**
 * Whether the token is good for this very page or account, and whether Meta tells us what happens there: the app is
 * subscribed where it is not, and that is looked at again, since a page's admin can take it away at any time.
 */
export const checkPage = async (
  graph: Graph,
  channel: PageChannel,
  token: string,
  pageId: string,
): Promise<ConnectionState> => {
  const who = await graph.get(`me?fields=${channel.accountFields}`, token)
  if (who.outcome !== 'ok') return troubleOf(who)
  const account = channel.accountOf(who.body, pageId)
  if (!account) return { state: 'failed', reason: 'page-does-not-match-token' }
  const listens = await isSubscribed(graph, channel, token)
  if (listens === true) return { state: 'connected', account: account.name }
  if (listens !== false) return troubleOf(listens)
  const fields = encodeURIComponent(channel.subscribedFields.join(','))
  const asked = await graph.post(`me/subscribed_apps?subscribed_fields=${fields}`, token, {})
  if (asked.outcome !== 'ok') return troubleOf(asked)
  const now = await isSubscribed(graph, channel, token)
  if (now === true) return { state: 'connected', account: account.name }
  return now === false ? { state: 'failed', reason: 'page-subscription-refused' } : troubleOf(now)
}

/** Whether the app of the token is told what happens on the page. */
export const isSubscribed = async (
  graph: Graph,
  channel: PageChannel,
  token: string,
): Promise<boolean | Exclude<GraphAnswer, { outcome: 'ok' }>> => {
  const answer = await graph.get('me/subscribed_apps', token)
  if (answer.outcome !== 'ok') return answer
  const list = subscriptions.safeParse(answer.body)
  return (list.data?.data ?? []).some(({ subscribed_fields: has = [] }) =>
    channel.subscribedFields.every(field => has.includes(field)),
  )
}

const troubleOf = (answer: Exclude<GraphAnswer, { outcome: 'ok' }>): ConnectionState => {
  if (answer.outcome !== 'refused') return { state: 'closed', reason: answer.reason }
  const verdict = pageVerdictOf(answer)
  const code = answer.code < 0 ? `http-${answer.status}` : String(answer.code)
  if (verdict.outcome === 'unknown' || verdict.retryable)
    return { state: 'closed', reason: verdict.reason, code }
  return { state: verdict.fatal ?? 'failed', reason: verdict.reason, code }
}
