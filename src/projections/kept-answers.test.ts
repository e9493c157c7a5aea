import { expect, test } from 'vitest'
import { newId, type CompanyId } from '../shared/ids.ts'
import { createKeptAnswers } from './kept-answers.ts'

const OURS = newId<CompanyId>()
const THEIRS = newId<CompanyId>()
const factOf = (companyId: CompanyId) => ({ meta: { companyId } })

const start = (charsMax?: number) => {
  let ms = 0
  let made = 0
  const clock = { now: () => ms, monotonic: () => ms, after: () => () => undefined }
  const kept = createKeptAnswers(clock, charsMax)
  const make = async (): Promise<string> => `answer ${++made}`
  return {
    kept,
    ask: (company = OURS, key = 'list') => kept.answer(company, key, make),
    wait: (by: number) => (ms += by),
  }
}

test('an answer is made once, for those who ask meanwhile and afterwards', async () => {
  const { ask } = start()
  expect(await Promise.all([ask(), ask()])).toEqual(['answer 1', 'answer 1'])
  expect(await ask()).toBe('answer 1')
  expect(await ask(OURS, 'another list')).toBe('answer 2')
  expect(await ask(THEIRS)).toBe('answer 3')
})

test("a fact of the company ends its answers and nobody else's", async () => {
  const { kept, ask } = start()
  await ask()
  await ask(THEIRS)
  kept.changed([factOf(OURS)])
  expect(await ask()).toBe('answer 3')
  expect(await ask(THEIRS)).toBe('answer 2')
})

test('an answer that was being made when a fact came is given to nobody who asks after it', async () => {
  const { kept, ask } = start()
  const before = ask()
  kept.changed([factOf(OURS)])
  const after = ask()
  expect(await before).toBe('answer 1')
  expect(await after).toBe('answer 2')
  expect(await ask()).toBe('answer 2')
})

test('other tables end all answers, and so does time', async () => {
  const { kept, ask, wait } = start()
  await ask()
  kept.forget()
  expect(await ask()).toBe('answer 2')
  wait(9_999)
  expect(await ask()).toBe('answer 2')
  wait(1)
  expect(await ask()).toBe('answer 3')
})

test("what is no answer is not kept, and neither is a failure, which is only its maker's", async () => {
  const { kept, ask } = start()
  expect(await kept.answer(OURS, 'list', async () => null)).toBeNull()
  const failed = kept.answer(OURS, 'list', () => Promise.reject(new Error('no database')))
  const waited = ask()
  await expect(failed).rejects.toThrow('no database')
  expect(await waited).toBeNull()
  expect(await ask()).toBe('answer 1')
})

test('the memory is bounded', async () => {
  const { ask } = start(1_000)
  for (const key of ['a', 'b', 'c', 'd']) await ask(OURS, key)
  expect(await ask(OURS, 'd')).toBe('answer 4')
  expect(await ask(OURS, 'e')).toBe('answer 5')
  expect(await ask(OURS, 'a')).toBe('answer 6')
})
