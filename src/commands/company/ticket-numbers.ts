import { companyKind } from '../../actors/company/chart.ts'
import type { Directory } from '../../actors/directory.ts'
import type { Clock } from '../../shared/clock.ts'
import { newId, type CommandId, type CompanyId } from '../../shared/ids.ts'
import type { RandomBytes } from '../../shared/random.ts'

/** Numbers reserved by one append. A crash loses at most these: gaps are allowed, a number twice is not. */
const BLOCK = 50

/** Hands out a company's ticket numbers from blocks that this node has reserved in the company's stream. */
export const ticketNumbers = (directory: Directory, node: string, clock: Clock, random?: RandomBytes) => {
  const blocks = new Map<CompanyId, { next: number; to: number }>()
  const reserving = new Map<CompanyId, Promise<void>>()

  const reserve = async (companyId: CompanyId): Promise<void> => {
    const commandId = newId<CommandId>(clock.now(), random)
    // Of the last decision, which is the one that was written; the state may know of later blocks of other nodes.
    let from = 0
    const outcome = await directory.transact(
      companyKind,
      { company: companyId, id: companyId },
      {
        cause: { actor: { kind: 'system', id: 'ticket-numbers' }, commandId, correlationId: commandId },
        step: 0,
        decide: company => {
          if (!company.matches('existing')) return { missing: true }
          from = company.context.nextNumber
          return [{ type: 'company.ticketNumbersReserved', data: { from, to: from + BLOCK - 1, node } }]
        },
      },
    )
    if (outcome.outcome !== 'done') throw new Error(`company ${companyId} has no ticket numbers`)
    blocks.set(companyId, { next: from, to: from + BLOCK - 1 })
  }

  return async (companyId: CompanyId): Promise<number> => {
    for (;;) {
      const block = blocks.get(companyId)
      if (block && block.next <= block.to) return block.next++
      const running =
        reserving.get(companyId) ?? reserve(companyId).finally(() => reserving.delete(companyId))
      reserving.set(companyId, running)
      await running
    }
  }
}
