import { expect, test } from 'vitest'
import { createLog } from './log.ts'

const logged = (fields: object): string => {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  createLog({ level: 'trace', version: '1', environment: 'test', destination }).error(fields, 'said')
  return lines.join('')
}

test('an error is logged without what a database hangs on it: the row that it refused', () => {
  const error = Object.assign(new Error('null value in column "kind"'), {
    code: '23502',
    detail: 'Failing row contains (1, words-of-a-customer).',
    where: 'words-of-a-customer',
  })
  const line = logged({ err: error })
  expect(line).toContain('null value in column')
  expect(line).toContain('23502')
  expect(line).not.toContain('words-of-a-customer')
})

test('secrets are cut out two levels deep', () => {
  expect(logged({ password: 'hush-1', a: { token: 'hush-2', b: { appSecret: 'hush-3' } } })).not.toContain(
    'hush',
  )
})
