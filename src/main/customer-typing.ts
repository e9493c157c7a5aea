import type { Directory } from '../actors/directory.ts'
import { findConversation } from '../commands/conversation/locate.ts'
import type { PushViews, TicketPlace } from '../projections/read-models.ts'
import type { PeerPresence } from '../providers/provider.ts'
import type { ServerEvents } from '../realtime/protocol.ts'
import type { Clock } from '../shared/clock.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'

type Typing = Parameters<ServerEvents['typing']>[0]
type Tools = {
  readonly directory: Pick<Directory, 'state'>
  tenantKey(companyId: CompanyId): Promise<Buffer>
  readonly views: Pick<PushViews, 'ticketViews'>
  readonly clock: Clock
  readonly log: Log
  tell(place: TicketPlace, typing: Typing): void
}

/** A phone says every second or so that somebody still writes; screens keep it for longer than this. */
export const SAME_AGAIN_MS = 4_000
/** Chats of which it is known what was told last. */
const CHATS_MAX = 10_000

/**
 * Tells the screens that a customer writes, where the conversation has a live ticket. Nothing of it is written down, and
 * nothing waits for it: what cannot be found out at once is not told.
 */
export const customerTyping = (tools: Tools) => {
  const { directory, clock, log } = tools
  const told = new Map<string, { readonly doing: PeerPresence['doing']; readonly at: number }>()

  const isNews = (key: string, doing: PeerPresence['doing']): boolean => {
    const before = told.get(key)
    const at = clock.monotonic()
    if (before?.doing === doing && at - before.at < SAME_AGAIN_MS) return false
    // Whoever was never said to write has not stopped either.
    if (!before && doing === 'nothing') return false
    told.delete(key)
    told.set(key, { doing, at })
    if (told.size > CHATS_MAX) told.delete(told.keys().next().value!)
    return true
  }

  const relay = async (companyId: CompanyId, sessionId: string, { chat, doing }: PeerPresence) => {
    const looker: Parameters<typeof findConversation>[0] = {
      principal: { companyId },
      tools: { tenantKey: tools.tenantKey },
      state: (kind, id, freshMs) => directory.state(kind, { company: companyId, id }, freshMs),
    }
    const found = await findConversation(looker, sessionId, chat)
    const live = found?.state.context.live
    if (!live) return
    const view = (await tools.views.ticketViews([{ companyId, id: live.ticketId }])).get(live.ticketId)
    if (!view) return
    const { id: ticketId, contact, isGroup } = view.ticket
    // Who of a group it is would have to be looked up: that somebody does is enough.
    tools.tell(view.place, {
      ticketId,
      userId: null,
      name: isGroup ? '' : (contact.name ?? ''),
      typing: doing !== 'nothing',
      ...(doing === 'recording' ? { recording: true } : {}),
    })
  }

  /** Resolves when it was told, or is not; never rejects. */
  return async (companyId: CompanyId, sessionId: string, presence: PeerPresence): Promise<void> => {
    const [first] = presence.chat
    if (!first || !isNews(`${sessionId} ${first.kind} ${first.value}`, presence.doing)) return
    await relay(companyId, sessionId, presence).catch((err: unknown) =>
      log.debug({ companyId, sessionId, err }, 'nobody was told that a customer writes'),
    )
  }
}
