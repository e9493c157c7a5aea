import type { Address, Connection, ConnectionState, ConnectOptions, Provider } from '../provider.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import { createCircuit } from './circuit.ts'
import { fetchFile } from './fetch-file.ts'
import { createGraph, type Graph } from './graph.ts'
import type { PageChannel } from './page-channel.ts'
import { checkPage } from './page-check.ts'
import { pageHealth } from './page-health.ts'
import { profilePicture } from './profile.ts'
import { sendPageMessage } from './send-page-message.ts'

export const PAGE_GRAPH_VERSION = 'v23.0'
const TIMEOUT_MS = 15_000
/** How often a quiet connection makes sure that its token and subscription still hold. */
const CHECK_EVERY_MS = 5 * 60_000
const MEDIA_BYTES_MAX = 100 * 1024 * 1024

export type PageOptions = {
  readonly graphUrl: string
  readonly version?: string
  readonly timeoutMs?: number
  readonly checkEveryMs?: number
  readonly mediaBytesMax?: number
  readonly clock: Clock
  readonly log: Log
}

/**
 * A channel of a Facebook page. There is no socket: connected means that Graph accepts the token for the page and tells
 * our app what happens there. What comes in comes by webhook, not through the connection.
 */
export const pageProvider = (channel: PageChannel, options: PageOptions): Provider => {
  const { graphUrl, version = PAGE_GRAPH_VERSION, timeoutMs = TIMEOUT_MS, clock } = options
  const graph = createGraph({ graphUrl, version, timeoutMs, clock, circuit: createCircuit(clock) })
  return {
    kind: channel.kind,
    capabilities: channel.capabilities,
    connect: async request => openLine(channel, request, graph, options),
    inspect: ({ credentials, settings }) => ({
      health: () =>
        pageHealth(
          graph,
          channel,
          {
            token: credentials['pageAccessToken'] ?? '',
            pageId: settings.pageId ?? '',
            appSecret: credentials['appSecret'] ?? '',
          },
          clock.now(),
        ),
    }),
  }
}

const openLine = (
  channel: PageChannel,
  request: ConnectOptions,
  graph: Graph,
  options: PageOptions,
): Connection => {
  const { clock, graphUrl, checkEveryMs = CHECK_EVERY_MS } = options
  const log = options.log.child({ companyId: request.companyId, sessionId: request.sessionId })
  const token = request.credentials['pageAccessToken'] ?? ''
  const pageId = request.settings.pageId ?? ''
  const humanAgentTag = request.settings.humanAgentTag === true
  let phase: 'checking' | 'connected' | 'over' = 'checking'
  let cancelCheck = () => {}

  const over = (state: ConnectionState | null) => {
    if (phase === 'over') return
    phase = 'over'
    cancelCheck()
    if (state) request.handlers.onState(state)
  }
  const check = async () => {
    const state = await checkPage(graph, channel, token, pageId)
    if (phase === 'over') return
    if (state.state !== 'connected') return over(state)
    if (phase === 'checking') {
      phase = 'connected'
      request.handlers.onState(state)
    }
    cancelCheck = clock.after(checkEveryMs, start)
  }
  const start = () => {
    check().catch((error: unknown) => {
      log.error({ err: error }, 'the check of a page failed')
      over({ state: 'closed', reason: 'check-failed' })
    })
  }
  /** What the customer sees of us beside messages. */
  const act = async (chat: readonly Address[], action: string): Promise<void> => {
    const id = chat.find(({ kind }) => kind === 'psid')?.value
    if (phase !== 'connected' || id === undefined) return
    const answer = await graph.post('me/messages', token, { recipient: { id }, sender_action: action })
    if (answer.outcome !== 'ok') log.info({ reason: answer.reason, action }, 'a sender action was not taken')
  }

  request.handlers.onState({ state: 'connecting' })
  if (token === '' || pageId === '') over({ state: 'failed', reason: 'credentials-missing' })
  else start()

  return {
    async send(message) {
      if (phase !== 'connected') return { outcome: 'refused', reason: 'not-connected', retryable: true }
      const line = { graph, channel, token, humanAgentTag, now: () => clock.now() }
      const { result, verdict } = await sendPageMessage(line, message)
      if (verdict?.outcome === 'refused' && verdict.fatal)
        over({
          state: verdict.fatal,
          reason: verdict.reason,
          ...('code' in result && result.code !== undefined ? { code: result.code } : {}),
        })
      return result
    },
    // Seeing is told of the whole chat.
    markRead: async (chat, ids) => (ids.length === 0 ? undefined : act(chat, 'mark_seen')),
    typing: (chat, on) => act(chat, on ? 'typing_on' : 'typing_off'),
    fetchMedia: (address, bytesMax = MEDIA_BYTES_MAX) =>
      fetchFile(address, { graphUrl, limit: Math.min(bytesMax, options.mediaBytesMax ?? MEDIA_BYTES_MAX) }),
    async profilePicture(chat) {
      const id = chat.find(({ kind }) => kind === 'psid')?.value
      if (phase !== 'connected' || id === undefined) return null
      return profilePicture({ graph, graphUrl, token }, id)
    },
    async close() {
      over(null)
    },
  }
}
