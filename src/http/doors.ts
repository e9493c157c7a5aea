import type { Refusal } from '../commands/define.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { ChannelHealth, ChannelTemplate } from '../providers/provider.ts'
import type { Session } from '../realtime/protocol.ts'

/** Doors that HTTP needs and others stand behind; `main` hands them in. */

export const WEBHOOK_CHANNELS = ['whatsapp', 'messenger', 'instagram'] as const
export type WebhookChannel = (typeof WEBHOOK_CHANNELS)[number]

/** Webhook deliveries of Meta. The URL only picks the secret; the signature is checked behind this door. */
export type WebhookDoor = {
  /** Meta's handshake (`hub.mode`, `hub.verify_token`, `hub.challenge`): what to answer, as plain text. */
  verify(
    sessionId: string,
    query: Readonly<Record<string, string>>,
  ): Promise<{ status: 200 | 403 | 404; body: string }>
  /** `200` only when every item of the delivery is durable; `503` asks Meta to deliver it again. */
  deliver(
    sessionId: string,
    rawBody: Buffer,
    headers: Readonly<Record<string, string>>,
    channel: WebhookChannel,
  ): Promise<{ status: 200 | 400 | 401 | 403 | 404 | 503; detail?: string }>
}

export type SimulatorInbound = {
  readonly from: string
  readonly name?: string | undefined
  readonly text?: string | undefined
  readonly media?:
    { readonly mime: string; readonly name?: string | undefined; readonly base64: string } | undefined
  /** The provider's message id; the same one again is a redelivery. */
  readonly id?: string | undefined
  /** The group chat in which `from` writes. */
  readonly group?: { readonly id: string; readonly name?: string | undefined } | undefined
  readonly quotedId?: string | undefined
  /** Sender's time. */
  readonly at?: string | undefined
}
export type SimulatorOutbound = {
  readonly messageId: string
  readonly to: string
  readonly kind: string
  readonly body: string
  readonly at: string
}
export const SIMULATOR_ACKS = ['sent', 'delivered', 'read', 'played', 'failed'] as const
export type SimulatorAck = (typeof SIMULATOR_ACKS)[number]
export const SIMULATOR_STATES = ['drop', 'logout', 'replace', 'restrict', 'restore'] as const
export type SimulatorState = (typeof SIMULATOR_STATES)[number]

/** The virtual phone of a simulator session (SPEC: HTTP API). Role and tenant are checked behind it. */
export type SimulatorDoor = {
  /** Answers once the message is durable. `messageId` is ours. */
  inbound(
    who: UserPrincipal,
    sessionId: string,
    message: SimulatorInbound,
  ): Promise<{ messageId: string; duplicate: boolean } | Refusal>
  /** What the system sent to virtual phones, oldest first, after a cursor. */
  outbound(
    who: UserPrincipal,
    sessionId: string,
    ask: { after?: string | undefined; limit: number },
  ): Promise<{ items: readonly SimulatorOutbound[]; nextCursor: string | null } | Refusal>
  /** The virtual phone says how far a message got. `messageId` as `outbound` listed it. */
  ack(
    who: UserPrincipal,
    sessionId: string,
    ack: { messageId: string; ack: SimulatorAck },
  ): Promise<Refusal | null>
  /** Makes the channel drop, log out, replace or restrict the session's connection, or restores it. */
  connection(
    who: UserPrincipal,
    sessionId: string,
    change: { state: SimulatorState },
  ): Promise<Refusal | null>
}

export type QuarantinedActor = {
  readonly type: string
  readonly id: string
  readonly reason: string
  readonly since: string
  readonly failures: number
}

/** The actors that are refused because they failed too often, in the process that is asked. Role is checked before it. */
export type QuarantineDoor = {
  list(companyId: string): readonly QuarantinedActor[]
  /** Tries one again. `null`: this company has none such there. @throws StoreUnavailable */
  retry(
    companyId: string,
    type: string,
    id: string,
  ): Promise<{ readonly recovered: boolean; readonly reason: string | null } | null>
}

/** The codes that a session shows right now to be linked, and when a lost connection is tried again: ephemeral, never in the log. */
export type CodesDoor = {
  current(
    companyId: string,
    sessionId: string,
  ): readonly (
    | { readonly action: 'qr'; readonly qr: string; readonly expiresAt: string }
    | { readonly action: 'pairingCode'; readonly pairingCode: string; readonly expiresAt: string }
    | {
        readonly action: 'retry'
        readonly attempt: number
        readonly attemptsMax: number
        readonly expiresAt: string
      }
  )[]
}

/** What a channel answered, or why there is no answer. `reason`: a stable code, never the channel's own words. */
export type Told<T> =
  | { readonly told: T }
  | { readonly untold: 'not-supported' }
  /** `channel-unreachable`: asking again may help. `channel-refused`: somebody has to put something right first. */
  | { readonly untold: 'channel-unreachable' | 'channel-refused'; readonly reason: string }

/** The same, and when it was asked (ISO 8601 UTC). */
export type Look<T> = Told<T> & { readonly at: string }

/** What the channel itself says of a session's account. Role and tenant are checked before it. */
export type InspectionDoor = {
  /** Somebody's look of a moment ago, or a new one; `again`: a new one in any case. */
  health(companyId: string, session: Session, again?: boolean): Promise<Look<ChannelHealth>>
  /** Asked now. */
  templates(companyId: string, session: Session): Promise<Told<readonly ChannelTemplate[]>>
}

type RootSummary = {
  readonly ordinal: number
  readonly place: string
  readonly hash: string
  readonly at: string
}
/** What is known of the log's wholeness. Findings in other companies' streams come without their place. */
export type AuditReport = {
  /** The latest signed root. */
  readonly root: RootSummary | null
  /** Ed25519, SPKI, base64. */
  readonly publicKey: string
  readonly running: { readonly since: string; readonly events: number } | null
  /** Why the last run could not finish; `null` when it did. */
  readonly failed: string | null
  readonly last: {
    readonly ok: boolean
    readonly at: string
    readonly events: number
    readonly streams: number
    readonly root: RootSummary | null
    readonly findings: readonly {
      readonly what: string
      readonly stream: string | null
      readonly revision: number | null
      readonly position: string | null
      readonly detail: string
    }[]
  } | null
}
export type AuditDoor = {
  report(who: UserPrincipal): Promise<AuditReport>
  /** Signs a root and verifies the whole log in the background. `false`: that is running already. */
  start(): boolean
}
