import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configTable } from '../../src/config.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const read = (name: string) => readFileSync(resolve(ROOT, name), 'utf8')
const plain = (cell: string) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|')

describe('README', () => {
  test('lists exactly the variables that the server reads, with their defaults', () => {
    const rows = [...read('README.md').matchAll(/^\| `([A-Z][A-Z_]+)`\s*\|([^|]+)\|/gm)]
    const listed = Object.fromEntries(rows.map(([, name = '', shown = '']) => [name, plain(shown)]))
    expect(listed).toEqual(Object.fromEntries(configTable.map(({ name, default: shown }) => [name, shown])))
  })

  test('names only commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { readonly [name: string]: string } }
    const pages = `${read('README.md')}${read('CONTRIBUTING.md')}`
    const named = [...pages.matchAll(/`?npm (?:run )?(start|test|run [\w:]+|[\w:]+)\b/g)].map(
      ([, name = '']) => name.replace('run ', ''),
    )
    const npmOwn = new Set(['ci', 'install', 'run'])
    expect(named.filter(name => !npmOwn.has(name) && !(name in scripts))).toEqual([])
    for (const command of Object.values(scripts)) {
      const script = /scripts\/\S+\.mjs/.exec(command)?.[0]
      if (script) expect(existsSync(join(ROOT, script)), script).toBe(true)
    }
  })
})
