import { z } from 'zod'
import { deadLetterKind } from '../actors/company/chart.ts'
import { answerOf, remembers } from './act.ts'
import { channelAddress } from '../events/conversation.ts'
import { ADMINS, command } from './command.ts'
import { aliasIdOf, canonicalAddresses } from './contact/addresses.ts'
import { isRefusal, refused, type Refusal } from './define.ts'

/** Addresses of one letter that are noted; more people are not in one delivery. */
export const ADDRESSES_MAX = 1_000

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
    /** Whose addresses stand in it: when one of them is erased, so is this. */
    addresses: z.array(channelAddress).max(ADDRESSES_MAX).default([]),
    /** Where the payload was put if it was too large for a fact. */
    rawKey: z.string().nullable().default(null),
  }),
  run: async (act, { source, reason, sessionId, payload, addresses, rawKey }) => {
    const key = await act.tools.tenantKey(act.principal.companyId)
    const aliasIds = [...new Set(canonicalAddresses(addresses).map(address => aliasIdOf(key, address)))]
    const id = act.idFor<string>('deadletter')
    const outcome = await act.transact(deadLetterKind, id, letter =>
      letter.matches('absent')
        ? [
            {
              type: 'deadLetter.recorded',
              subject: id,
              data: { source, reason, sessionId, aliasIds, rawKey, personal: { payload } },
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
    if (state.matches('erased')) return unknownLetter()
    if (state.matches('done') && !again) return settled()
    const came = again ? null : await act.tools.redeliver(principal.companyId, id)
    if (isRefusal(came)) return came
    const outcome = await act.transact(deadLetterKind, id, letter => {
      // Somebody else had it processed meanwhile, and so did this: nothing is left to be said.
      if (came === null || letter.matches('done') || letter.matches('erased')) return []
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
      return letter.matches('done') || letter.matches('erased')
        ? []
        : [{ type: 'deadLetter.dropped', data: { userId: principal.userId } }]
    })
    return answerOf(id, outcome)
  },
})

/** Marks one as erased, because somebody whom it is about was; its key is destroyed by whoever asks this. */
export const eraseDeadLetter = command({
  name: 'deadLetter.erase',
  summary: 'Erase one with the person whom it is about',
  roles: ['system'],
  input,
  run: async (act, { id }) => {
    const outcome = await act.transact(deadLetterKind, id, letter => {
      if (letter.matches('absent')) return unknownLetter()
      return letter.matches('erased') ? [] : [{ type: 'deadLetter.erased', data: {} }]
    })
    return answerOf(id, outcome)
  },
})
