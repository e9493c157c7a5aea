import type { Directory } from '../actors/directory.ts'
import type { Quarantined } from '../actors/supervision.ts'
import type { QuarantineDoor, QuarantinedActor } from '../http/doors.ts'

const shown = ({ address, reason, since, failures }: Quarantined): QuarantinedActor => ({
  type: address.type,
  id: address.id,
  reason,
  since,
  failures,
})

/** The quarantine of this process, one company at a time. */
export const quarantineDoor = (directory: Pick<Directory, 'quarantined' | 'retry'>): QuarantineDoor => {
  const of = (companyId: string): readonly Quarantined[] =>
    directory.quarantined().filter(({ address }) => address.company === companyId)
  return {
    list: companyId => of(companyId).map(shown),
    retry: async (companyId, type, id) => {
      const found = of(companyId).find(({ address }) => address.type === type && address.id === id)
      if (!found) return null
      const still = await directory.retry(found.address)
      return { recovered: still === null, reason: still?.reason ?? null }
    },
  }
}
