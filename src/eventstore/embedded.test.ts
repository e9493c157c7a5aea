import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventStoreContract } from './contract.ts'
import { openEmbeddedStore } from './embedded.ts'

eventStoreContract('the embedded store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fio-store-'))
  let store = await openEmbeddedStore({ folder })
  return {
    store,
    reopen: async () => {
      await store.close()
      return (store = await openEmbeddedStore({ folder }))
    },
    dispose: async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
