import { createSignal, untrack } from 'solid-js'
import { api, type ChannelHealth, type Session } from '../../api/index.ts'
import { ApiProblem } from '../../api/problem.ts'
import { hasWebhook } from './states.ts'

/** What Meta last said of a channel, or why it did not. `at`: when it was asked, by whomever; `heard`: when we heard of it, both in milliseconds. */
export type Check =
  | { readonly state: 'asking'; readonly before: Check | undefined }
  | { readonly state: 'told'; readonly health: ChannelHealth; readonly at: number; readonly heard: number }
  | { readonly state: 'failed'; readonly error: unknown; readonly at: number; readonly heard: number }

/** The server keeps what Meta said for all of us; somebody else may have had it asked again meanwhile. */
const FRESH_MILLISECONDS = 30_000

const [checks, setChecks] = createSignal<Readonly<Record<string, Check>>>({})
const put = (id: string, check: Check): void => void setChecks(all => ({ ...all, [id]: check }))

export const checkOf = (id: string): Check | undefined => checks()[id]

/** `again`: Meta is asked now, whatever it said a moment ago. */
export const check = async (id: string, again = false): Promise<void> => {
  const before = untrack(checks)[id]
  if (before?.state === 'asking') return
  put(id, { state: 'asking', before })
  try {
    const health = await api.sessions.health(id, again)
    put(id, { state: 'told', health, at: Date.parse(health.checkedAt), heard: Date.now() })
  } catch (error) {
    put(id, { state: 'failed', error, at: refusedAt(error) ?? Date.now(), heard: Date.now() })
  }
}

/** When Meta refused, where it did. */
const refusedAt = (error: unknown): number | undefined => {
  if (!(error instanceof ApiProblem)) return undefined
  const { checkedAt } = (error.problem['data'] ?? {}) as { checkedAt?: unknown }
  return typeof checkedAt === 'string' ? Date.parse(checkedAt) : undefined
}

/** Whether there is somebody to ask: channels that are linked by a phone have no such thing. */
export const hasHealth = (session: Session): boolean => hasWebhook(session)

/** One after the other: each question is several to Meta. */
let last: Promise<void> = Promise.resolve()
export const ensureCheck = (id: string): void => {
  const ask = async (): Promise<void> => {
    const known = untrack(checks)[id]
    const fresh = known && known.state !== 'asking' && Date.now() - known.heard < FRESH_MILLISECONDS
    if (!fresh) await check(id)
  }
  last = last.then(ask)
}

/** Meta said no. That it could not be asked at all says nothing of the channel. */
export const refusedBy = (known: Check | undefined): string | null => {
  if (known?.state !== 'failed' || !(known.error instanceof ApiProblem)) return null
  const { problem } = known.error
  if (problem.code !== 'channel-refused') return null
  const { reason } = (problem['data'] ?? {}) as { reason?: unknown }
  return typeof reason === 'string' ? reason : ''
}

/** Somebody has to put something right. */
export const isBad = (known: Check | undefined): boolean => {
  if (known?.state === 'asking') return isBad(known.before)
  if (known?.state === 'told') return known.health.quality === 'red' || !!known.health.problems?.length
  return refusedBy(known) !== null
}
