import type { z } from 'zod'
import type { Role } from '../events/company.ts'
import type { Act } from './act.ts'
import type { Answer, Refusal } from './define.ts'

/** A command as the registry lists it. */
export type Command<In = unknown> = {
  readonly name: string
  /** One sentence for the API's documentation. */
  readonly summary: string
  /** The whole input: path parameters and body together. */
  readonly input: z.ZodType<In>
  /** Which roles may ask at all. `system`: parts of the server. Finer rules are the command's own. */
  readonly roles: readonly (Role | 'system')[]
  readonly run: (act: Act, input: In) => Promise<Answer | Refusal>
}

export const command = <In>(definition: Command<In>): Command<In> => definition

/** Roles that handle tickets. */
export const HANDLERS = ['super-admin', 'admin', 'supervisor', 'agent'] as const satisfies readonly Role[]
export const SUPERVISORS = ['super-admin', 'admin', 'supervisor'] as const satisfies readonly Role[]
export const ADMINS = ['super-admin', 'admin'] as const satisfies readonly Role[]
