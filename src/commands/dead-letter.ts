import { z } from 'zod'
import { deadLetterKind } from '../actors/company/chart.ts'
import { answerOf, remembers } from './act.ts'
import { ADMINS, command } from './command.ts'
import { isRefusal, refused, type Refusal } from './define.ts'

/** Keeps what could not be processed, whole and sealed, so that nothing that was accepted is lost. */
export const recordDeadLetter = command({
  name: 'deadLetter.record',
  summary: 'Keep what could not be processed',
  roles: ['system'],
  input: z.object({
    source: z.string(),
    reason: z.string().max(2_000),
    sessionId: z.uuid().nullable(),
    payload: z.string().max(150_000),
  }),
  run: async (act, { source, reason, sessionId, payload }) => {
    const id = act.idFor<string>('deadletter')
    const outcome = await act.transact(deadLetterKind, id, letter =>
      letter.matches('absent')
        ? [
            {
              type: 'deadLetter.recorded',
              subject: act.principal.companyId,
              data: { source, reason, sessionId, personal: { payload } },
            },
          ]
        : [],
    )
    return answerOf(id, outcome)
  },
})

const input = z.object({ id: z.uuid() })
const REASON_LENGTH_MAX = 2_000
const unknownLetter = (): Refusal => refused('not-found', 'There is no such dead letter.')
const settled = (): Refusal => refused('not-retryable', 'It was processed or dropped already.')

/**
 * Hands what could not be processed to the intake again. Two at once, or one again after a crash, do no harm: what the
 * intake took before is a duplicate there.
 */
export const retryDeadLetter = command({
  name: 'deadLetter.retry',
  summary: 'Try again to process it',
  roles: ADMINS,
  input,
  run: async (act, { id }) => {
    const { principal } = act
    if (principal.kind !== 'user') return refused('forbidden', 'Only a person tries it again.')
    const { state } = await act.state(deadLetterKind, id)
    if (state.matches('absent')) return unknownLetter()
    const again = remembers(state, act)
    if (state.matches('done') && !again) return settled()
    const came = again ? null : await act.tools.redeliver(principal.companyId, id)
    if (isRefusal(came)) return came
    const outcome = await act.transact(deadLetterKind, id, letter => {
      // Somebody else had it processed meanwhile, and so did this: nothing is left to be said.
      if (came === null || letter.matches('done')) return []
      const { userId } = principal
      return came.outcome === 'processed'
        ? [{ type: 'deadLetter.retried', data: { userId, outcome: 'processed' } }]
        : [
            {
              type: 'deadLetter.retried',
              data: { userId, outcome: 'failed', reason: came.reason.slice(0, REASON_LENGTH_MAX) },
            },
          ]
    })
    return answerOf(id, outcome)
  },
})

/** Puts it aside for good; it stays in the log. */
export const dropDeadLetter = command({
  name: 'deadLetter.drop',
  summary: 'Put it aside for good',
  roles: ADMINS,
  input,
  run: async (act, { id }) => {
    const { principal } = act
    if (principal.kind !== 'user') return refused('forbidden', 'Only a person drops it.')
    const outcome = await act.transact(deadLetterKind, id, letter => {
      if (letter.matches('absent')) return unknownLetter()
      return letter.matches('done')
        ? []
        : [{ type: 'deadLetter.dropped', data: { userId: principal.userId } }]
    })
    return answerOf(id, outcome)
  },
})
