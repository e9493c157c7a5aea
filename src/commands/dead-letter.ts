import { z } from 'zod'
import { deadLetterKind } from '../actors/company/chart.ts'
import { answerOf } from './act.ts'
import { command } from './command.ts'

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
