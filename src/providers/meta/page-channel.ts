import type { Capabilities, Provider } from '../provider.ts'

/** Meta's *Human Agent* permission: people may answer for seven days. */
export const HUMAN_AGENT_HOURS = 7 * 24

/** What Messenger and Instagram do differently from each other. */
export type PageChannel = {
  readonly kind: Extract<Provider['kind'], 'messenger' | 'instagram'>
  readonly capabilities: Capabilities
  /** Of which events the app is told. */
  readonly subscribedFields: readonly string[]
  /** What the token must have been granted. */
  readonly permissions: readonly string[]
  /** Fields of an upload beside the message. */
  readonly uploadFields: Readonly<Record<string, string>>
  /** What Graph is asked of the token's own account, to see that it is the one of the settings. */
  readonly accountFields: string
  /** Whether Graph's answer is about this account, and what people call it. */
  accountOf(answer: unknown, pageId: string): { readonly name: string | null } | null
  /** Why a text is too long; `null`: it is not. */
  textRefusal(text: string): string | null
  readonly profileFields: string
}
