import { expect, test } from 'vitest'
import { beside } from './beside.ts'

const screen = { width: 400, height: 800 }
const box = { width: 200, height: 300 }
const at = (left: number, top: number) => ({
  left,
  right: left + 28,
  top,
  bottom: top + 28,
  width: 28,
  height: 28,
})

test('below the button where there is room, else above, always in sight', () => {
  expect(beside(at(20, 100), box, screen)).toEqual({ left: 20, top: 132 })
  expect(beside(at(20, 700), box, screen)).toEqual({ left: 20, top: 396 })
  expect(beside(at(350, 100), box, screen)).toEqual({ left: 178, top: 132 })
  expect(beside(at(20, 200), { ...box, height: 780 }, screen)).toEqual({ left: 20, top: 8 })
})
