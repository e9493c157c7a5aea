import type {
  Connection,
  ConnectOptions,
  InboundItem,
  OutboundMessage,
  PeerPresence,
  Provider,
  SendResult,
  SessionCredentials,
} from '../../providers/provider.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { LinkEnd } from './link-machine.ts'

/** Whom the link tells. Everything that resolves is durable; what rejects is told or delivered again. */
export type LinkDoor = {
  /** Items of one chat, in order. */
  receive(items: readonly InboundItem[]): Promise<void>
  onAwaitingScan(): Promise<void>
  onSyncing(): Promise<void>
  onConnected(account: string | null): Promise<void>
  /** Lost; it will be tried again by itself. */
  onDisconnected(reason: string, code: string | null): Promise<void>
  /** Over until a person starts it again. */
  onTerminal(end: LinkEnd, reason: string, code: string | null): Promise<void>
  /** For eyes only: never written down. */
  onQr(qr: string, expiresInMs: number): void
  /** Likewise: the code that was asked for, to be typed into the phone. */
  onPairingCode(code: string, expiresInMs: number): void
  /** Likewise: which attempt to connect again comes in how long. */
  onRetry?(attempt: number, attemptsMax: number, inMs: number): void
  /** Somebody writes, or stopped; told live and never written down. */
  onPresence?(presence: PeerPresence): void
  /** Another node may own the session now; nothing more may be recorded for it from here. */
  onLeaseLost(): void
}

/** Where the live connection stands. */
export type LinkState = 'idle' | 'connecting' | 'awaiting-scan' | 'syncing' | 'connected' | 'waiting' | 'over'

export type SessionLink = {
  /** Connects, and keeps connecting until stopped, ended by the channel, or without lease. */
  start(): void
  /** Closes without logging out; resolves when what came in has been handed on and everything was reported. */
  stop(): Promise<void>
  state(): LinkState
  /** Never throws. `refused` and retryable while there is no connection. */
  send(message: OutboundMessage): Promise<SendResult>
  markRead: Connection['markRead']
  fetchMedia: Connection['fetchMedia']
  /** Best effort: nothing happens where the channel cannot, or is not connected. */
  typing: NonNullable<Connection['typing']>
  profilePicture: NonNullable<Connection['profilePicture']>
  /** Asks for a code to type into the phone. Answers whether the channel could be asked. */
  requestPairingCode(phone: string): Promise<boolean>
  /** Connects now instead of after the pause. Answers whether there was one. */
  retryNow(): boolean
  /** Ends the link at the channel's side too, if it is connected. */
  logout(): Promise<void>
}

type Lease = { held(): boolean; readonly lost: AbortSignal }

export type SessionLinkOptions = {
  provider: Provider
  session: Pick<ConnectOptions, 'companyId' | 'sessionId' | 'settings' | 'store' | 'sentBefore'>
  credentials: SessionCredentials
  /** Absent where only one node exists. */
  lease?: Lease
  door: LinkDoor
  clock: Clock
  random: () => number
  log: Log
}
