import { z } from 'zod'
import { sessionKind } from '../../actors/session/chart.ts'
import { ADMINS, command } from '../command.ts'
import { refused } from '../define.ts'

/**
 * Records nothing: a lost connection is being tried again anyway, and what comes of it is a fact. Whoever has the session
 * at the moment cuts its pause short; the interruption stays one, with its one beginning.
 */
export const retryNow = command({
  name: 'session.retryNow',
  summary: 'Try a lost connection again now instead of after its pause',
  roles: ADMINS,
  input: z.object({ id: z.uuid() }),
  run: async (act, { id }) => {
    const { state, revision } = await act.state(sessionKind, id)
    if (!state.matches('existing')) return refused('not-found', 'There is no such session.')
    if (!state.matches({ existing: 'reconnecting' }))
      return refused('session-wrong-state', 'The session has lost no connection that it tries again.')
    try {
      await act.tools.retryNow(id)
    } catch (err) {
      act.tools.log.warn({ sessionId: id, err }, 'the owner of a session could not be told to connect')
      return refused('busy', 'The owner of the session cannot be told right now.')
    }
    return { id, revision, position: null, duplicate: false }
  },
})
