import { z } from 'zod'
import { auditKind } from '../actors/audit/chart.ts'
import { AUDIT_ID } from '../eventstore/roots.ts'
import { answerOf } from './act.ts'
import { command } from './command.ts'
import { refused } from './define.ts'

/** Heads of one listing; 1,500 of some 150 bytes fit into a fact of 256 KiB. */
export const HEADS_PER_FACT_MAX = 1_500

/** Lists a part of the heads that the next root covers. */
export const listAuditHeads = command({
  name: 'audit.listHeads',
  summary: 'List heads for the next root',
  roles: ['system'],
  input: z.object({
    place: z.string(),
    part: z.int().nonnegative(),
    heads: z.array(z.tuple([z.string(), z.int().nonnegative(), z.string()])).max(HEADS_PER_FACT_MAX),
  }),
  run: async (act, data) => {
    const outcome = await act.transact(auditKind, AUDIT_ID, () => [{ type: 'audit.headsListed', data }])
    return answerOf(act.commandId, outcome)
  },
})

/** Records a signed root, unless another one was signed since its heads were read. */
export const signAuditRoot = command({
  name: 'audit.signRoot',
  summary: 'Record a signed root of the log',
  roles: ['system'],
  input: z.object({
    ordinal: z.int().positive(),
    place: z.string(),
    parts: z.int().nonnegative(),
    streams: z.int().nonnegative(),
    previous: z.string(),
    hash: z.string(),
    signature: z.string(),
    publicKey: z.string(),
  }),
  run: async (act, data) => {
    const outcome = await act.transact(auditKind, AUDIT_ID, ({ context: { root } }) => {
      if ((root?.ordinal ?? 0) + 1 !== data.ordinal || (root?.hash ?? '') !== data.previous)
        return refused('conflict', 'Another root was signed meanwhile.')
      return [{ type: 'audit.rootSigned', data }]
    })
    return answerOf(act.commandId, outcome)
  },
})
