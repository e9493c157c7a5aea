import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { registry } from '../../commands/registry.ts'

const asked = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .flatMap(file => [
    ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/parts,\s*'([a-z]+\.[a-z]+)'/gi),
  ])
  .map(([, name]) => name!)

test('every command that a route asks for exists', () => {
  expect(asked.length).toBeGreaterThan(25)
  expect(asked.filter(name => !registry.has(name))).toEqual([])
})

test('every command that a person may ask for has a route', () => {
  const forPeople = [...registry.values()].filter(({ roles }) =>
    (roles as readonly string[]).includes('admin'),
  )
  expect(forPeople.map(({ name }) => name).filter(name => !asked.includes(name))).toEqual([])
})
