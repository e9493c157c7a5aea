import { actionOf, queuedRevisionOf, ticketKind } from '../actors/ticket/chart.ts'
import type { Directory } from '../actors/directory.ts'
import { addressOf } from '../eventstore/streams.ts'
import type { MediaStore } from '../media/port.ts'
import type { Lookups } from '../projections/read-models.ts'
import type { OutboundContent } from '../providers/provider.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { ChannelReads } from './channel-reads.ts'
import { outboundContent } from './outbound-content.ts'

export type SentBefore = (
  companyId: CompanyId,
  sessionId: string,
  providerMessageId: string,
) => Promise<OutboundContent | null>

/** What we sent under a channel's id, from our own log: for a phone that could not read it and asks for it again. */
export const sentBefore =
  (tools: {
    readonly lookups: Pick<Lookups, 'messageByProviderId'>
    readonly directory: Directory
    readonly reads: ChannelReads
    readonly media: Pick<MediaStore, 'get'>
  }): SentBefore =>
  async (companyId, sessionId, providerMessageId) => {
    const found = await tools.lookups.messageByProviderId(companyId, sessionId, providerMessageId)
    if (!found?.fromMe) return null
    const { company, type, id: ticketId } = addressOf(found.stream)
    if (type !== 'ticket' || company !== companyId) return null
    const { state } = await tools.directory.state(ticketKind, { company, id: ticketId })
    const revision = queuedRevisionOf(state, found.messageId)
    if (revision === undefined || actionOf(state, found.messageId)) return null
    const fact = await tools.reads.fact(company, ticketId, revision)
    const made = await outboundContent(fact, { company, ticketId, isGroup: state.context.isGroup }, tools)
    return 'missing' in made ? null : made
  }
