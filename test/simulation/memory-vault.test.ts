import { describe } from 'vitest'
import { vaultContract } from '../../src/vault/contract.ts'
import { checkMasterKey, createSealing } from '../../src/vault/sealing.ts'
import { createVaultBox, memoryVault } from './memory-vault.ts'

describe('the simulated vault', () => {
  vaultContract(async () => {
    const values = new Map<string, string>()
    return {
      open: async masterKey => {
        const sealing = createSealing(masterKey)
        const box = createVaultBox(values, {
          seal: (space, key, value) => sealing.seal(space, key, value).toString('base64'),
          open: (space, key, sealed) => sealing.open(space, key, Buffer.from(sealed, 'base64')),
        })
        const vault = memoryVault(box, async (_, call) => call())
        await checkMasterKey(vault, 'memory')
        return vault
      },
      atRest: async () => Buffer.from([...values].flat().join('\n')),
      drop: () => Promise.resolve(),
    }
  })
})
