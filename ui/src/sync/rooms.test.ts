import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => vi.resetModules())

const line = async () => {
  const rooms = await import('./rooms.ts')
  const sent: unknown[][] = []
  const emit = (...said: unknown[]) => void sent.push(said.filter(part => typeof part !== 'function'))
  rooms.useLine({ connected: true, emit } as never)
  return { ...rooms, sent }
}

test('whoever opens a ticket enters its room, again after every reconnect, and leaves it', async () => {
  const { enterRoom, enterRoomsAgain, sent } = await line()
  const leave = enterRoom('t1')
  enterRoomsAgain()
  leave()
  enterRoomsAgain()
  expect(sent).toEqual([
    ['join', 't1'],
    ['join', 't1'],
    ['leave', 't1'],
  ])
})

test('typing is told at most every few seconds, its end once, and nothing when nothing was begun', async () => {
  const { tellTyping, sent } = await line()
  tellTyping('t1', false, 0)
  tellTyping('t1', true, 10_000)
  tellTyping('t1', true, 11_000)
  tellTyping('t1', true, 13_500)
  tellTyping('t1', false, 13_600)
  tellTyping('t1', false, 13_700)
  expect(sent).toEqual([
    ['typing', 't1', true],
    ['typing', 't1', true],
    ['typing', 't1', false],
  ])
})

test('leaving a ticket half-way ends the typing too', async () => {
  const { enterRoom, tellTyping, sent } = await line()
  const leave = enterRoom('t1')
  tellTyping('t1', true)
  leave()
  expect(sent.slice(1)).toEqual([
    ['typing', 't1', true],
    ['typing', 't1', false],
    ['leave', 't1'],
  ])
})
