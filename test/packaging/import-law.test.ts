import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Checks a small tree of its own against the project's law. */
const lawOn = (files: { readonly [path: string]: string }) => {
  const folder = mkdtempSync(join(tmpdir(), 'fio-law-'))
  folders.push(folder)
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const path of ['src', 'ui/src']) mkdirSync(join(folder, path), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/import-law.mjs'), folder], {
    encoding: 'utf8',
  })
  return { status, stderr }
}

const LAWFUL = {
  'src/shared/ids.ts': 'export const id = 1\n',
  'src/events/all.ts': 'export type Fact = { type: string }\nexport const facts = 1\n',
  'src/eventstore/port.ts':
    "import { id } from '../shared/ids.ts'\nexport type Store = typeof id\nexport const store = id\n",
  'src/eventstore/embedded.ts': 'export const log = 1\n',
  'src/actors/aggregate.ts':
    "import { facts } from '../events/all.ts'\nimport type { Store } from '../eventstore/port.ts'\nexport const aggregate = (store: Store) => [store, facts]\n",
  'src/providers/provider.ts':
    "import type { Fact } from '../events/all.ts'\nexport type Provider = Fact\nexport const channel = 1\n",
  'src/commands/handle.ts':
    "import { aggregate } from '../actors/aggregate.ts'\nexport const handle = aggregate\n",
  'src/http/app.ts':
    "import { handle } from '../commands/handle.ts'\nexport const app = handle\nexport type App = typeof app\n",
  'ui/src/api.ts': "import type { App } from '../../src/http/app.ts'\nexport type Client = App\n",
  'src/main.ts':
    "import { app } from './http/app.ts'\nimport { store } from './eventstore/port.ts'\nexport const run = () => [app, store]\n",
}

const PLANTED: readonly { readonly rule: string; readonly file: string; readonly text: string }[] = [
  {
    rule: 'events-knows',
    file: 'src/events/a.ts',
    text: "import { store } from '../eventstore/port.ts'\nexport const a = store\n",
  },
  {
    rule: 'shared-knows',
    file: 'src/shared/a.ts',
    text: "import { facts } from '../events/all.ts'\nexport const a = facts\n",
  },
  {
    rule: 'actors-knows',
    file: 'src/actors/a.ts',
    text: "import { handle } from '../commands/handle.ts'\nexport const a = handle\n",
  },
  {
    rule: 'actors-knows-by-type',
    file: 'src/actors/b.ts',
    text: "import { channel } from '../providers/provider.ts'\nexport const b = channel\n",
  },
  {
    rule: 'actors-knows',
    file: 'src/actors/c.ts',
    text: "import { log } from '../eventstore/embedded.ts'\nexport const c = log\n",
  },
  {
    rule: 'providers-knows',
    file: 'src/providers/a.ts',
    text: "import { store } from '../eventstore/port.ts'\nexport const a = store\n",
  },
  {
    rule: 'providers-knows-by-type',
    file: 'src/providers/b.ts',
    text: "import { facts } from '../events/all.ts'\nexport const b = facts\n",
  },
  {
    rule: 'http-knows',
    file: 'src/http/a.ts',
    text: "import { aggregate } from '../actors/aggregate.ts'\nexport const a = aggregate\n",
  },
  {
    rule: 'main-is-the-root',
    file: 'src/http/b.ts',
    text: "import { run } from '../main.ts'\nexport const b = run\n",
  },
  {
    rule: 'ui-knows',
    file: 'ui/src/a.ts',
    text: "import type { Fact } from '../../src/events/all.ts'\nexport type A = Fact\n",
  },
  {
    rule: 'ui-knows-by-type',
    file: 'ui/src/b.ts',
    text: "import { app } from '../../src/http/app.ts'\nexport const b = app\n",
  },
  {
    rule: 'no-cycles',
    file: 'src/eventstore/a.ts',
    text: "import { b } from './b.ts'\nexport const a = () => b\n",
  },
  { rule: 'resolvable', file: 'src/vault/a.ts', text: "export { gone } from './gone.ts'\n" },
  {
    rule: 'production-packages',
    file: 'src/media/a.ts',
    text: "import { build } from 'esbuild'\nexport const a = build\n",
  },
]
const CYCLE_BACK = { 'src/eventstore/b.ts': "import { a } from './a.ts'\nexport const b = () => a\n" }

describe('the import law', () => {
  test('lets a lawful tree pass', () => {
    expect(lawOn(LAWFUL)).toEqual({ status: 0, stderr: '' })
  })

  test('finds every planted violation and names its file', () => {
    const planted = Object.fromEntries(PLANTED.map(({ file, text }) => [file, text]))
    const { status, stderr } = lawOn({ ...LAWFUL, ...CYCLE_BACK, ...planted })
    expect(status).toBe(1)
    for (const { rule, file } of PLANTED) expect(stderr).toContain(`${rule}: ${file} → `)
    const lines = stderr.split('\n').filter(line => line.includes(' → '))
    expect(lines.filter(line => !PLANTED.some(({ file }) => line.includes(file)))).toEqual([])
  })

  test('does not take an empty tree for a lawful one', () => {
    const { status, stderr } = lawOn({ 'test/only.ts': 'export const only = 1\n' })
    expect(status).not.toBe(0)
    expect(stderr).toContain('zero modules')
  })
})
