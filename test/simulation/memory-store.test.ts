import { eventStoreContract } from '../../src/eventstore/contract.ts'
import { createMemoryLog } from './memory-log.ts'
import { directLine, memoryStore } from './memory-store.ts'

// The store that the simulation lets fail has to be right when nothing fails.
eventStoreContract('the simulated store', async () => {
  const log = createMemoryLog({ epoch: '51e1d0c5', now: Date.now })
  const open = () => memoryStore(log, directLine(log), () => new Error('never'), true)
  let store = open()
  const reopen = async () => {
    await store.close()
    store = open()
    return store
  }
  return { store, reopen, dispose: () => store.close() }
})
