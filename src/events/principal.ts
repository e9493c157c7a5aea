import type { Role } from './company.ts'
import type { FactActor } from './define.ts'
import type { CompanyId, QueueId, UserId } from '../shared/ids.ts'

/**
 * On whose behalf a command or query is asked. `user`: a person, as the access token says. `system`: a part of the
 * server (a session link, a reaction), which acts within exactly one company too.
 */
export type UserPrincipal = {
  readonly kind: 'user'
  readonly companyId: CompanyId
  readonly userId: UserId
  readonly role: Role
  readonly queueIds: readonly QueueId[]
}
export type SystemPrincipal = {
  readonly kind: 'system'
  readonly companyId: CompanyId
  readonly actor: FactActor
}
export type Principal = UserPrincipal | SystemPrincipal

export const factActorOf = (principal: Principal): FactActor =>
  principal.kind === 'user' ? { kind: 'user', id: principal.userId } : principal.actor
