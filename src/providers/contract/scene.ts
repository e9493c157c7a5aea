import type {
  Address,
  Connection,
  InboundItem,
  OutboundContent,
  OutboundMessage,
  PeerPresence,
} from '../provider.ts'
import type { ContractStage } from './stage.ts'

/** One running test: its stage, a connection to it, and what came of that. */
export type Scene = {
  stage(): ContractStage
  connected(): Promise<Connection>
  customer(): Address
  items(): readonly InboundItem[]
  presences(): readonly PeerPresence[]
  outbound(
    content: OutboundContent,
    more?: Partial<Pick<OutboundMessage, 'quoted' | 'lastInboundAt'>>,
  ): OutboundMessage
}
