import { describe } from 'vitest'
import { leasesContract } from './leases.contract.ts'
import { processLeases } from './process-leases.ts'

describe('leases in one process', () => {
  leasesContract(async () => {
    const leases = processLeases()
    return { one: leases, other: leases, drop: async () => undefined }
  })
})
