import { z } from 'zod'
import type { Clock } from '../../shared/clock.ts'
import { createCircuit } from './circuit.ts'
import { createGraph } from './graph.ts'
import type { PageChannel } from './page-channel.ts'
import { PAGE_GRAPH_VERSION } from './page-provider.ts'
import { profileName } from './profile.ts'

/** What is asked of Graph beside the way of a message: it may be slow or down, and nobody waits long for it. */
export type PageDirectory = {
  /** The id of the app that a token is of; remembered. `undefined` while Graph does not say. */
  appIdOf(token: string): Promise<string | undefined>
  /** How a person is called; `null` where Meta does not say, and for whoever was asked about lately. */
  nameOf(token: string, personId: string): Promise<string | null>
}

const WAIT_MS = 3_000
const APPS_MAX = 1_000
const ASKED_MAX = 20_000
const ASK_AGAIN_MS = 6 * 3_600_000

const app = z.looseObject({ id: z.union([z.string().min(1), z.number()]).transform(String) })

export const pageDirectory = (
  channel: PageChannel,
  options: {
    readonly graphUrl: string
    readonly version?: string
    readonly clock: Clock
    readonly timeoutMs?: number
  },
): PageDirectory => {
  const { graphUrl, version = PAGE_GRAPH_VERSION, clock, timeoutMs = WAIT_MS } = options
  // A breaker of its own: a profile that does not come must not keep messages from going out.
  const graph = createGraph({
    graphUrl,
    version,
    timeoutMs,
    clock,
    circuit: createCircuit(clock),
  })
  const apps = new Map<string, string>()
  const asked = new Map<string, number>()
  return {
    async appIdOf(token) {
      const known = apps.get(token)
      if (known !== undefined || token === '') return known
      const answer = await graph.get('app?fields=id', token)
      const id = answer.outcome === 'ok' ? app.safeParse(answer.body).data?.id : undefined
      if (id === undefined) return undefined
      if (apps.size >= APPS_MAX) apps.clear()
      apps.set(token, id)
      return id
    },
    async nameOf(token, personId) {
      const before = asked.get(personId)
      if (token === '' || (before !== undefined && clock.now() - before < ASK_AGAIN_MS)) return null
      if (asked.size >= ASKED_MAX) asked.clear()
      asked.set(personId, clock.now())
      const name = await profileName(graph, token, personId, channel.profileFields)
      // Asked again with the next message.
      if (name === null) asked.delete(personId)
      return name
    },
  }
}
