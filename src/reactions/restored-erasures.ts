import { contactKind } from '../actors/contact/chart.ts'
import { deadLetterKind } from '../actors/company/chart.ts'
import type { Directory } from '../actors/directory.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { CompanyId } from '../shared/ids.ts'

/**
 * After a restore the log may be older than the vault, and know as living whom the vault knows as erased. They are erased
 * again, so that what follows from it is done again. (The other way round needs nothing of its own: the reaction's
 * checkpoint lies in the vault, so an older vault sees the log's erasures once more.)
 */
export const replayErasures = async (tools: {
  readonly door: Door
  readonly directory: Directory
  erased(): Promise<readonly { readonly companyId: string; readonly subject: string }[]>
}): Promise<number> => {
  let again = 0
  for (const { companyId, subject: id } of await tools.erased()) {
    const company = companyId as CompanyId
    const who: SystemPrincipal = {
      kind: 'system',
      companyId: company,
      actor: { kind: 'system', id: 'restore' },
    }
    const ask = async (command: string, input: object): Promise<void> => {
      const answer = await tools.door.ask(who, command, input, { correlationId: id, rule: 'restore' })
      if (isRefusal(answer)) throw new Error(`${command}: ${answer.refused}: ${answer.detail}`)
      again++
    }
    const { state: contact } = await tools.directory.state(contactKind, { company, id })
    if (contact.matches('known') || contact.matches('merged'))
      await ask('contact.erase', { id, reason: 'restored' })
    const { state: letter } = await tools.directory.state(deadLetterKind, { company, id })
    if (letter.matches('waiting') || letter.matches('done')) await ask('deadLetter.erase', { id })
  }
  return again
}
