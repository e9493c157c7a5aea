import type { Principal } from '../events/principal.ts'

/**
 * What a command may answer instead of facts. Expected failures are data: the code is stable and part of the API, the
 * detail is one plain English sentence, `data` names what the UI needs to say it in the user's language.
 */
export const REFUSALS = {
  'not-found': 404,
  forbidden: 403,
  invalid: 422,
  'idempotency-key-reused': 422,
  /** A lifecycle fact came after the revision that the client saw. `data`: `{type, actorId, at}` of that fact. */
  conflict: 409,
  /** Another agent has it. `data`: `{userId}`. */
  'ticket-taken': 409,
  /** The conversation has another live ticket. `data`: `{ticketId, userId}`. */
  'ticket-live': 409,
  'ticket-not-live': 409,
  'ticket-not-open': 409,
  'not-retryable': 409,
  'email-taken': 409,
  'contact-exists': 409,
  /** The person was erased: nothing more is written about them. */
  'contact-erased': 410,
  'in-use': 409,
  'session-offline': 409,
  'session-wrong-state': 409,
  'not-supported': 422,
  /** The session's channel cannot carry this. `data`: `{what, kind, max?}`; `what`: kind, caption, quote, length, size or type. */
  'unsupported-by-channel': 422,
  /** A file is over the limit of the company. `data`: `{max}`, in bytes. */
  'too-large': 413,
  /** The customer has not written for so long that the channel takes templates only. `data`: `{hours, lastInboundAt}`. */
  'window-closed': 409,
  /** It cannot be changed, or not any more. `data`: `{why}`: not-ours, not-sent, deleted, kind or too-old. */
  'not-changeable': 409,
  /** It failed again and again and is held back until an admin has it tried again. `data`: `{type, id}`. */
  quarantined: 409,
  /** A newer release wrote here what this one cannot read: another node, or this one after its upgrade, can. */
  'newer-release': 503,
  /** More commands wait for this actor than it may hold: try again after a moment. */
  busy: 503,
  'store-unavailable': 503,
} as const
export type RefusalCode = keyof typeof REFUSALS
export type Refusal = {
  readonly refused: RefusalCode
  readonly detail: string
  readonly data?: { readonly [key: string]: string | number | boolean | null }
}
export const refused = (code: RefusalCode, detail: string, data?: Refusal['data']): Refusal =>
  data ? { refused: code, detail, data } : { refused: code, detail }
export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === 'object' && answer !== null && 'refused' in answer

/** What a command came to. `position`: the highest of all its appends, `null` if nothing had to be written. */
export type Answer = {
  readonly id: string
  readonly revision: number
  readonly position: string | null
  /** The same command was carried out before; this is its answer again. */
  readonly duplicate: boolean
  readonly data?: { readonly [key: string]: string | number | boolean | null }
}

export type AskOptions = {
  /** The client's `Idempotency-Key`, or a key derived from the causing fact. Without it every ask is a new command. */
  readonly key?: string
  /** The revision that the client saw (`If-Match`). */
  readonly ifMatch?: number
  readonly correlationId: string
  readonly causationId?: string
  readonly rule?: string
}

/** The one door through which everything enters: HTTP, sockets, webhooks, jobs, links. */
export type Door = {
  /** Carries out the named command. Bad input and missing rights are refusals too; only surprises are thrown. */
  ask(principal: Principal, command: string, input: unknown, options: AskOptions): Promise<Answer | Refusal>
}
