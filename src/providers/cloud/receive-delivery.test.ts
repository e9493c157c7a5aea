import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { DeliveryDoor } from '../meta/receive-delivery.ts'
import { receiveDelivery } from './receive-delivery.ts'
import { signatureOf } from '../meta/signature.ts'

const bytes = (name: string) => readFileSync(new URL(`./samples/${name}.json`, import.meta.url))
const recorded = () => {
  const told: string[] = []
  const door: DeliveryDoor = {
    items: async (number, items) => void told.push(`${number}: ${items.map(i => i.item).join(' ')}`),
    malformed: async (number, parts) => void told.push(`${number}: ${parts.length} malformed`),
  }
  return { told, door }
}
const receive = (rawBody: Buffer, door: DeliveryDoor, appSecret = 's') =>
  receiveDelivery({ rawBody, signature: signatureOf(rawBody, 's'), appSecret, now: 0 }, door)

test('what is signed by somebody else leaves nothing', async () => {
  const { told, door } = recorded()
  expect(await receive(bytes('text'), door, 'another')).toEqual({ status: 401 })
  expect(told).toEqual([])
})

test('signed nonsense is a bad request', async () => {
  expect(await receive(Buffer.from('{'), recorded().door)).toMatchObject({ status: 400 })
})

test('every change goes to its number, dead letters first', async () => {
  const { told, door } = recorded()
  expect(await receive(bytes('burst-with-a-broken-one'), door)).toEqual({ status: 200 })
  expect(told).toEqual([
    '106540352242922: 1 malformed',
    '106540352242922: message message',
    '106540352242922: status',
  ])
})

test('one part that is not durable asks for all of it again', async () => {
  const { door } = recorded()
  const failing: DeliveryDoor = { ...door, items: () => Promise.reject(new Error('the store is away')) }
  expect(await receive(bytes('text'), failing)).toMatchObject({
    status: 503,
    error: new Error('the store is away'),
  })
})
