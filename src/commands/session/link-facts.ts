import { z } from 'zod'
import { sessionKind, type SessionState } from '../../actors/session/chart.ts'
import type { DecidedFact } from '../../actors/aggregate.ts'
import { answerOf } from '../act.ts'
import { command } from '../command.ts'
import { refused } from '../define.ts'

/** What happened to a session's live link, told by the node that owns it. A stale owner is refused by its fence. */
const change = z.discriminatedUnion('state', [
  z.object({ state: z.literal('awaiting-scan') }),
  z.object({ state: z.literal('syncing') }),
  z.object({ state: z.literal('connected'), account: z.string().nullable() }),
  z.object({ state: z.literal('disconnected'), reason: z.string(), code: z.string().nullable() }),
  z.object({
    state: z.enum(['stopped', 'logged-out', 'replaced', 'restricted', 'failed']),
    reason: z.string(),
  }),
])
export type LinkChange = z.output<typeof change>

export const ownSession = command({
  name: 'session.own',
  summary: 'Take a session over on this node',
  roles: ['system'],
  input: z.object({
    id: z.uuid(),
    node: z.string(),
    /** When the session was last seen connected, and by the owner with which fence. */
    seen: z.object({ fence: z.int(), at: z.iso.datetime() }).optional(),
  }),
  run: async (act, { id, node, seen }) => {
    const outcome = await act.transact(sessionKind, id, (session, at) =>
      session.context.wanted
        ? ownedFacts(session, { node, seen }, at)
        : refused('session-wrong-state', 'Nobody wants this session connected.'),
    )
    return answerOf(id, outcome)
  },
})

/**
 * Pure. An owner that died said nothing of it: the session still stands there as connected. That it was lost is told with the
 * take-over, so that the gap is written down: since that owner's last sign of life, or, where there is none, since now.
 */
const ownedFacts = (
  session: SessionState,
  { node, seen }: { node: string; seen?: { fence: number; at: string } | undefined },
  at: string,
): readonly DecidedFact[] => [
  ...(session.matches({ existing: 'connected' })
    ? [
        {
          type: 'session.disconnected',
          data: {
            reason: 'owner-lost',
            code: null,
            ...(seen?.fence === session.context.fence && seen.at < at ? { since: seen.at } : {}),
          },
        } as const,
      ]
    : []),
  { type: 'session.owned', data: { node } },
]

/** Pure. */
export const linkFacts = (session: SessionState, to: LinkChange, at: string): readonly DecidedFact[] => {
  const has = (existing: 'awaitingScan' | 'syncing' | 'connected' | 'reconnecting'): boolean =>
    session.matches({ existing })
  switch (to.state) {
    case 'awaiting-scan':
      return has('awaitingScan') ? [] : [{ type: 'session.awaitingScan', data: {} }]
    case 'syncing':
      return has('syncing') ? [] : [{ type: 'session.syncing', data: {} }]
    case 'connected': {
      const { offlineSince } = session.context
      const gap: DecidedFact[] = offlineSince
        ? [{ type: 'session.gapRecorded', data: { from: offlineSince, to: at } }]
        : []
      return has('connected') ? [] : [{ type: 'session.connected', data: { account: to.account } }, ...gap]
    }
    case 'disconnected':
      return has('reconnecting')
        ? []
        : [{ type: 'session.disconnected', data: { reason: to.reason, code: to.code } }]
    case 'stopped':
      return [{ type: 'session.stopped', data: { reason: to.reason } }]
    case 'logged-out':
      return [{ type: 'session.loggedOut', data: { reason: to.reason } }]
    case 'replaced':
      return [{ type: 'session.replaced', data: { reason: to.reason } }]
    case 'restricted':
      return [{ type: 'session.restricted', data: { reason: to.reason } }]
    case 'failed':
      return [{ type: 'session.failed', data: { reason: to.reason } }]
  }
}

/** A part of the past that the channel had for us and could not be had: known to be missing. Said again, nothing is written. */
export const recordGap = command({
  name: 'session.recordGap',
  summary: 'Record that something which a session was sent is missing for good',
  roles: ['system'],
  input: z.object({ id: z.uuid(), from: z.iso.datetime(), to: z.iso.datetime() }),
  run: async (act, { id, from, to }) => {
    const outcome = await act.transact(sessionKind, id, session => {
      if (!session.matches('existing')) return refused('not-found', 'There is no such session.')
      const { lastGap } = session.context
      return lastGap?.from === from && lastGap.to === to
        ? []
        : [{ type: 'session.gapRecorded', data: { from, to, of: 'history' } }]
    })
    return answerOf(id, outcome)
  },
})

export const recordLink = command({
  name: 'session.recordLink',
  summary: 'Record what happened to a session',
  roles: ['system'],
  input: z.object({ id: z.uuid(), fence: z.int(), change }),
  run: async (act, { id, fence, change: to }) => {
    const outcome = await act.transact(sessionKind, id, (session, at) => {
      if (!session.context.wanted || session.context.fence !== fence)
        return refused('session-wrong-state', 'Another node owns this session now.')
      return linkFacts(session, to, at)
    })
    return answerOf(id, outcome)
  },
})
