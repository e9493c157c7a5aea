import type { z } from 'zod'
import { Contended } from '../actors/aggregate.ts'
import { contactKind } from '../actors/contact/chart.ts'
import { MailboxFull } from '../actors/mailbox.ts'
import { ActorQuarantined } from '../actors/supervision.ts'
import type { Role } from '../events/company.ts'
import type { Principal } from '../events/principal.ts'
import { UndecodableEvent } from '../eventstore/codec.ts'
import { StoreUnavailable } from '../eventstore/port.ts'
import { ErasedSubject } from '../shared/erased.ts'
import { createAct } from './act.ts'
import { isRefusal, refused, type Answer, type AskOptions, type Door, type Refusal } from './define.ts'
import type { Command } from './command.ts'
import { registry } from './registry.ts'
import type { CommandTools } from './tools.ts'

/** A person and the author of a group's message may both have been erased. */
const ERASED_TRIES_MAX = 3

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
    return runForWhomItIs(command, principal, parsed.data, options)
  }

  /** Who was erased a moment ago may still be remembered here as before: looked at afresh, it is decided again. */
  const runForWhomItIs = async (
    command: Command,
    principal: Principal,
    input: unknown,
    options: AskOptions,
  ): Promise<Answer | Refusal> => {
    for (let tries = 1; ; tries++) {
      try {
        return await command.run(createAct(tools, principal, command.name, input, options), input)
      } catch (error) {
        if (!(error instanceof ErasedSubject)) throw error
        if (tries === ERASED_TRIES_MAX) return refused('contact-erased', 'This person was erased.')
        await tools.directory.state(contactKind, { company: principal.companyId, id: error.subject })
      }
    }
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
        if (error instanceof UndecodableEvent && error.newer)
          return refused('newer-release', 'A newer release wrote here; this one does not decide about it.')
        if (error instanceof MailboxFull || error instanceof Contended)
          return refused('busy', 'Too many commands wait for this; try again in a moment.')
        if (error instanceof ActorQuarantined)
          return refused(
            'quarantined',
            'It failed too often and is held back until an admin has it tried again.',
            {
              type: error.address.type,
              id: error.address.id,
            },
          )
        throw error
      }
    },
  }
}
