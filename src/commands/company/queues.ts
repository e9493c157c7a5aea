import { z } from 'zod'
import { companyKind, queueKind } from '../../actors/company/chart.ts'
import { answerOf } from '../act.ts'
import { ADMINS, command } from '../command.ts'
import { refused, type Refusal } from '../define.ts'

const name = z.string().trim().min(1).max(80)
const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'must look like #1a2b3c')
const unknownQueue = (): Refusal => refused('not-found', 'There is no such queue.')

export const createQueue = command({
  name: 'queue.create',
  summary: 'Create a queue',
  roles: ADMINS,
  input: z.object({ name, color }),
  run: async (act, input) => {
    const id = act.idFor<string>('queue')
    const outcome = await act.transact(queueKind, id, queue =>
      queue.matches('absent') ? [{ type: 'queue.created', data: input }] : [],
    )
    return answerOf(id, outcome)
  },
})

export const changeQueue = command({
  name: 'queue.change',
  summary: 'Change a queue',
  roles: ADMINS,
  input: z.object({ id: z.uuid(), name: name.optional(), color: color.optional() }),
  run: async (act, { id, ...changes }) => {
    const data = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const outcome = await act.transact(queueKind, id, queue => {
      if (!queue.matches('existing')) return unknownQueue()
      return Object.keys(data).length > 0 ? [{ type: 'queue.changed', data }] : []
    })
    return answerOf(id, outcome)
  },
})

export const removeQueue = command({
  name: 'queue.remove',
  summary: 'Remove a queue; its tickets stay, without a queue to wait in',
  roles: ADMINS,
  input: z.object({ id: z.uuid() }),
  run: async (act, { id }) =>
    answerOf(
      id,
      await act.transact(queueKind, id, queue => {
        if (queue.matches('absent')) return unknownQueue()
        return queue.matches('removed') ? [] : [{ type: 'queue.removed', data: {} }]
      }),
    ),
})

/** Makes a company exist; the first run asks it of the server itself. */
export const createCompany = command({
  name: 'company.create',
  summary: 'Create a company',
  roles: ['system'],
  input: z.object({ name, locale: z.enum(['pt-BR', 'en', 'es']), timeZone: z.string().min(1).max(64) }),
  run: async (act, input) => {
    const { companyId } = act.principal
    const outcome = await act.transact(companyKind, companyId, company =>
      company.matches('absent') ? [{ type: 'company.created', data: input }] : [],
    )
    return answerOf(companyId, outcome)
  },
})
