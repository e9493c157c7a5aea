import type { EarlyDrawer } from '../reactions/early-actions.ts'
import type { Vault } from '../vault/port.ts'

const SPACE = 'early-actions'

/** What was said of messages that have not come yet, in the vault. */
export const vaultEarlyActions = (vault: Vault): EarlyDrawer => ({
  put: (key, text) => vault.write([{ put: [SPACE, key, text] }]),
  remove: key => vault.write([{ remove: [SPACE, key] }]),
  has: async key => (await vault.get(SPACE, key)) !== null,
  all: async () => vault.getMany(SPACE, await vault.keys(SPACE, '')),
})
