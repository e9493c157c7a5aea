import { z } from 'zod'
import { boundedMap } from '../../shared/bounded-map.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { Address, Connection, ConnectionState, ConnectOptions, Provider } from '../provider.ts'
import { refusalBefore } from '../refusal.ts'
import { createCircuit } from '../meta/circuit.ts'
import { createGraph, type Graph, type GraphAnswer } from '../meta/graph.ts'
import { CLOUD_CAPABILITIES } from './capabilities.ts'
import { contentRefusal } from './content-refusal.ts'
import { healthOf } from './health.ts'
import { CLOUD_MEDIA_BYTES_MAX, fetchCloudMedia } from './media.ts'
import { sendMessage, verdictOfRefusal } from './send-message.ts'
import { createKnownTemplates } from './known-templates.ts'
import { templatesOf } from './templates.ts'

/** The newest version that our payloads were checked against. */
const GRAPH_VERSION = 'v23.0'
const GRAPH_URL = 'https://graph.facebook.com'
const TIMEOUT_MS = 15_000
/** How often a quiet connection makes sure that its token still holds. */
const CHECK_EVERY_MS = 5 * 60_000

const CHATS_MAX = 10_000
const chatKey = (chat: readonly Address[]): string =>
  chat.map(({ kind, value }) => `${kind}:${value}`).join(' ')

type Options = {
  graphUrl?: string
  version?: string
  timeoutMs?: number
  checkEveryMs?: number
  mediaBytesMax?: number
  clock: Clock
  log: Log
}

/**
 * The official WhatsApp Cloud API. There is no socket: connected means that Graph accepts the token for the phone number.
 * What comes in comes by webhook (`receiveDelivery`), not through the connection.
 */
export const cloudProvider = (options: Options): Provider => {
  const { graphUrl = GRAPH_URL, version = GRAPH_VERSION, timeoutMs = TIMEOUT_MS, clock } = options
  const graph = createGraph({ graphUrl, version, timeoutMs, clock, circuit: createCircuit(clock) })
  return {
    kind: 'cloud',
    capabilities: CLOUD_CAPABILITIES,
    connect: async request => openLine(request, graph, { ...options, graphUrl }),
    inspect: account => inspected(account, graph),
  }
}

type Account = Pick<ConnectOptions, 'credentials' | 'settings'>

const lineOf = ({ credentials, settings }: Account) => ({
  token: credentials['accessToken'] ?? '',
  phoneNumberId: settings.phoneNumberId ?? '',
  businessAccountId: settings.businessAccountId ?? '',
})

const inspected = (account: Account, graph: Graph) => ({
  health: () => healthOf(graph, lineOf(account)),
  templates: () => templatesOf(graph, lineOf(account)),
})

const number = z.looseObject({ display_phone_number: z.string().optional() })

const openLine = (
  request: ConnectOptions,
  graph: Graph,
  options: Options & { graphUrl: string },
): Connection => {
  const { clock, checkEveryMs = CHECK_EVERY_MS } = options
  const log = options.log.child({ companyId: request.companyId, sessionId: request.sessionId })
  const line = lineOf(request)
  const { token, phoneNumberId } = line
  const knownTemplate = createKnownTemplates(() => templatesOf(graph, line))
  /** The newest message that was read in each chat, for the typing indicator. */
  const answering = boundedMap<string>(CHATS_MAX)
  let phase: 'checking' | 'connected' | 'over' = 'checking'
  let cancelCheck = () => {}

  const over = (state: ConnectionState | null) => {
    if (phase === 'over') return
    phase = 'over'
    cancelCheck()
    if (state) request.handlers.onState(state)
  }

  const check = async () => {
    const answer = await graph.get(
      `${encodeURIComponent(phoneNumberId)}?fields=verified_name,display_phone_number,quality_rating`,
      token,
    )
    if (phase === 'over') return
    const state = stateOf(answer)
    if (state.state !== 'connected') return over(state)
    if (phase === 'checking') {
      phase = 'connected'
      request.handlers.onState(state)
    }
    cancelCheck = clock.after(checkEveryMs, start)
  }
  const start = () => {
    check().catch((error: unknown) => {
      log.error({ err: error }, 'the check of a Cloud API number failed')
      over({ state: 'closed', reason: 'check-failed' })
    })
  }

  const tell = async (what: object, name: string) => {
    const body = { messaging_product: 'whatsapp', ...what }
    const answer = await graph.post(`${encodeURIComponent(phoneNumberId)}/messages`, token, body)
    if (answer.outcome !== 'ok') log.info({ reason: answer.reason }, `${name} was not taken`)
  }

  request.handlers.onState({ state: 'connecting' })
  if (token === '' || phoneNumberId === '') over({ state: 'failed', reason: 'credentials-missing' })
  else start()

  return {
    async send(message) {
      if (phase !== 'connected') return { outcome: 'refused', reason: 'not-connected', retryable: true }
      const unfit = refusalBefore(CLOUD_CAPABILITIES, message, clock.now()) ?? contentRefusal(message)
      if (unfit) return unfit
      const places = await knownTemplate(message)
      if ('outcome' in places) return places
      const { result, verdict } = await sendMessage(graph, line, message, places)
      if (verdict?.fatal)
        over({
          state: verdict.fatal,
          reason: verdict.reason,
          ...('code' in result ? { code: result.code } : {}),
        })
      return result
    },
    async markRead(chat, ids) {
      // Reading one message reads all before it, so the last is enough.
      const last = ids.at(-1)
      if (phase !== 'connected' || last === undefined) return
      answering.set(chatKey(chat), last)
      await tell({ status: 'read', message_id: last }, 'a read receipt')
    },
    async typing(chat, on) {
      // It belongs to a message of the customer's, and goes by itself: after 25 s, or when we answer.
      const last = answering.get(chatKey(chat))
      if (phase !== 'connected' || !on || last === undefined) return
      await tell(
        { status: 'read', message_id: last, typing_indicator: { type: 'text' } },
        'a typing indicator',
      )
    },
    ...inspected(request, graph),
    async fetchMedia(mediaId, bytesMax = CLOUD_MEDIA_BYTES_MAX) {
      const limit = Math.min(bytesMax, options.mediaBytesMax ?? CLOUD_MEDIA_BYTES_MAX)
      return fetchCloudMedia(graph, { graphUrl: options.graphUrl, token, phoneNumberId, limit }, mediaId)
    },
    async close() {
      over(null)
    },
  }
}

const stateOf = (answer: GraphAnswer): ConnectionState => {
  if (answer.outcome === 'ok') {
    const shown = number.safeParse(answer.body).data?.display_phone_number
    return { state: 'connected', account: shown?.replace(/\D/g, '') || null }
  }
  if (answer.outcome !== 'refused') return { state: 'closed', reason: answer.reason }
  const verdict = verdictOfRefusal(answer)
  const code = String(answer.code)
  if (verdict.retryable) return { state: 'closed', reason: verdict.reason, code }
  return { state: verdict.fatal ?? 'failed', reason: verdict.reason, code }
}
