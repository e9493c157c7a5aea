import type { z } from 'zod'
import { MailboxFull } from '../actors/aggregate.ts'
import type { Role } from '../events/company.ts'
import type { Principal } from '../events/principal.ts'
import { StoreUnavailable } from '../eventstore/port.ts'
import { createAct } from './act.ts'
import { isRefusal, refused, type Answer, type AskOptions, type Door, type Refusal } from './define.ts'
import type { Command } from './command.ts'
import { registry } from './registry.ts'
import type { CommandTools } from './tools.ts'

const mayAsk = (command: Command, principal: Principal): boolean =>
  (command.roles as readonly (Role | 'system')[]).includes(
    principal.kind === 'user' ? principal.role : 'system',
  )

/** Adds the name of the person whom a refusal speaks of. */
const named = async (tools: CommandTools, principal: Principal, refusal: Refusal): Promise<Refusal> => {
  const userId = refusal.data?.['userId']
  if (typeof userId !== 'string') return refusal
  const userName = await tools.userName(principal.companyId, userId)
  return userName ? { ...refusal, data: { ...refusal.data, userName } } : refusal
}

const invalid = (error: z.ZodError): Refusal => {
  const [issue] = error.issues
  return refused(
    'invalid',
    issue ? `${issue.path.join('.') || 'input'}: ${issue.message}` : 'The input is wrong.',
  )
}

/**
 * The one door: name, role and schema are checked here, once, for whoever asks. What depends on the ticket itself (own
 * queue, own ticket) is decided by the command where the ticket is known.
 */
export const commandHandler = (tools: CommandTools): Door => {
  const carryOut = async (
    principal: Principal,
    name: string,
    input: unknown,
    options: AskOptions,
  ): Promise<Answer | Refusal> => {
    const command = registry.get(name)
    if (!command) throw new Error(`no such command: ${name}`)
    if (!mayAsk(command, principal)) return refused('forbidden', `Your role may not do this (${name}).`)
    const parsed = command.input.safeParse(input)
    if (!parsed.success) return invalid(parsed.error)
    return command.run(createAct(tools, principal, name, parsed.data, options), parsed.data)
  }
  return {
    ask: async (principal, name, input, options) => {
      try {
        const answer = await carryOut(principal, name, input, options)
        return isRefusal(answer) ? await named(tools, principal, answer) : answer
      } catch (error) {
        if (error instanceof StoreUnavailable)
          return refused(
            'store-unavailable',
            'The event store does not answer. Nothing is known to be lost; try again.',
          )
        if (error instanceof MailboxFull)
          return refused('busy', 'Too many commands wait for this; try again in a moment.')
        throw error
      }
    },
  }
}
