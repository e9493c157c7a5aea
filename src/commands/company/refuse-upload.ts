import { z } from 'zod'
import { userKind } from '../../actors/company/chart.ts'
import { answerOf } from '../act.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'

const FOUND_LENGTH_MAX = 200
const NAME_LENGTH_MAX = 255

/** A file was turned away on its way in: who brought it, what it was called and what was found in it stay in the log. */
export const refuseUpload = command({
  name: 'user.refuseUpload',
  summary: 'Record that malware was found in what a user uploaded',
  roles: ['system'],
  input: z.object({
    id: z.uuid(),
    fileName: z.string().max(NAME_LENGTH_MAX).nullable(),
    found: z.string().min(1).max(FOUND_LENGTH_MAX),
  }),
  run: async (act, { id, fileName, found }) =>
    answerOf(
      id,
      await act.transact(userKind, id, user =>
        user.matches('existing')
          ? [{ type: 'user.uploadRefused', subject: id, data: { found, personal: { fileName } } }]
          : refused('not-found', 'There is no such user.'),
      ),
    ),
})
