import { z } from 'zod'
import { ChannelError } from '../channel-error.ts'
import type { ChannelHealth, HealthProblem } from '../provider.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import type { PageChannel } from './page-channel.ts'
import { isSubscribed } from './page-check.ts'
import { pageVerdictOf } from './page-errors.ts'

/** Who is told in time gets another token before this one runs out. */
const EXPIRES_SOON_MS = 14 * 86_400_000

type Account = { readonly token: string; readonly pageId: string; readonly appSecret: string }

const app = z.looseObject({ id: z.union([z.string(), z.number()]).transform(String) })
/** Seconds; 0: never. */
const time = z.number().optional()
const debugged = z.looseObject({
  data: z.looseObject({ is_valid: z.boolean(), expires_at: time, scopes: z.array(z.string()).optional() }),
})

/**
 * How a page's or account's token is doing: whether it is of this very page, whether the app is told what happens there,
 * what it was granted and until when. The last two are asked in the app's own name, with its id and secret as Graph's
 * `debug_token` wants it, which shows whether the secret, under which deliveries are signed, is the app's.
 *
 * @throws ChannelError when Graph refuses the token, or says nothing.
 */
export const pageHealth = async (
  graph: Graph,
  channel: PageChannel,
  { token, pageId, appSecret }: Account,
  now: number,
): Promise<ChannelHealth> => {
  const who = channel.accountOf(
    answered(await graph.get(`me?fields=${channel.accountFields}`, token)),
    pageId,
  )
  const listens = await isSubscribed(graph, channel, token)
  const subscribed = typeof listens === 'boolean' ? listens : (answered(listens), false)
  const { id } = app.parse(answered(await graph.get('app?fields=id', token)))
  const input = encodeURIComponent(token)
  const about = await graph.get(`debug_token?input_token=${input}`, `${id}|${appSecret}`)
  const told = about.outcome === 'refused' ? null : debugged.parse(answered(about)).data
  const expiresAt = told?.expires_at ? new Date(told.expires_at * 1000).toISOString() : null
  const problems: HealthProblem[] = [
    ...(who ? [] : [{ code: 'page-does-not-match-token' as const }]),
    ...(subscribed ? [] : [{ code: 'not-subscribed' as const }]),
    ...(told ? [] : [{ code: 'app-secret-rejected' as const }]),
    ...channel.permissions
      .filter(one => told?.scopes && !told.scopes.includes(one))
      .map(detail => ({ code: 'permission-missing' as const, detail })),
    ...(expiresAt && Date.parse(expiresAt) - now < EXPIRES_SOON_MS
      ? [{ code: 'token-expires' as const, detail: expiresAt }]
      : []),
  ]
  return {
    ...(who?.name ? { displayName: who.name } : {}),
    ...(told ? { tokenExpiresAt: expiresAt } : {}),
    ...(problems.length > 0 ? { problems } : {}),
  }
}

/** @throws ChannelError */
const answered = (answer: GraphAnswer): unknown => {
  if (answer.outcome === 'ok') return answer.body
  if (answer.outcome !== 'refused') throw new ChannelError('channel-unreachable', answer.reason, true)
  const verdict = pageVerdictOf(answer)
  throw new ChannelError(verdict.reason, answer.reason, verdict.outcome === 'unknown' || verdict.retryable)
}
