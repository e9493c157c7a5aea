import { expect, test } from 'vitest'
import { ACCOUNT, linkedDevice } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'

test('the first messages of many people, all at once, come in the order in which they were written', async () => {
  const { whatsapp, device } = await linkedDevice()
  // Reading what is kept takes its time, and not always the same.
  const { store } = device.drawer
  const get = store.get.bind(store)
  let reads = 0
  Object.assign(store, {
    get: async (keys: readonly string[]) => {
      reads += 1
      for (let n = reads % 5; n > 0; n -= 1) await new Promise(resolve => setImmediate(resolve))
      return get(keys)
    },
  })
  const people = Array.from({ length: 20 }, (_, n) => `55119876500${String(n).padStart(2, '0')}`)
  await whatsapp.flood({ from: people, to: ACCOUNT, count: 100 })
  await until('all of them', () => device.texts().length === 100)
  const numbers = device.texts().map(text => Number(text.split(' ')[1]))
  for (let person = 0; person < people.length; person += 1) {
    const ofOne = numbers.filter(n => n % people.length === person)
    expect(ofOne, people[person]).toEqual(ofOne.toSorted((a, b) => a - b))
  }
  await device.connection.close()
  await whatsapp.close()
})
