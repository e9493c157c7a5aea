import { z } from 'zod'
import { sessionKind } from '../../actors/session/chart.ts'
import { validPhone } from '../../shared/phone.ts'
import { ADMINS, command } from '../command.ts'
import { refused } from '../define.ts'

/**
 * Records nothing: a code is for eyes only, and lives for minutes. Whoever has the session at the moment asks the channel and
 * tells the admins.
 */
export const requestPairingCode = command({
  name: 'session.requestPairingCode',
  summary: 'Ask for a code to type into the phone instead of scanning',
  roles: ADMINS,
  input: z.object({ id: z.uuid(), phone: z.string().min(1).max(40) }),
  run: async (act, { id, phone }) => {
    const { state, revision } = await act.state(sessionKind, id)
    if (!state.matches('existing')) return refused('not-found', 'There is no such session.')
    const { provider } = state.context
    if (!act.tools.capabilities(provider)?.pairing.includes('code'))
      return refused('unsupported-by-channel', `A ${provider} session is not linked by a code.`, {
        what: 'pairing',
        kind: 'code',
      })
    if (!validPhone(phone)) return refused('invalid', 'phone: no country knows such a number.')
    if (!state.matches({ existing: 'awaitingScan' }))
      return refused('session-wrong-state', 'The session waits for nobody to link it: start it first.')
    // As it was typed: WhatsApp still knows old Brazilian accounts by the number without the ninth digit only.
    try {
      await act.tools.requestPairingCode(id, phone.replace(/\D/g, ''))
    } catch (err) {
      act.tools.log.warn(
        { sessionId: id, err },
        'the owner of a session could not be asked for a pairing code',
      )
      return refused('busy', 'The owner of the session cannot be asked right now.')
    }
    return { id, revision, position: null, duplicate: false }
  },
})
