import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../support/server-bundle.ts'

const BAILEYS = 'baileys.main.js'

let built: Awaited<ReturnType<typeof bundle>>
let folder: string
beforeAll(async () => {
  built = await bundle()
  folder = dirname(built.main)
})
afterAll(() => built.remove())

/** What the file imports before its first line runs. */
const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join(folder, file), 'utf8').matchAll(/^(?:import|export)\b[^'"\n]*["']([^'"]+)["'];?$/gm),
  ].map(([, name = '']) => name)
const bringsBaileys = (file: string): boolean =>
  importsOf(file).some(name => /baileys|libsignal|whatsapp-rust-bridge/.test(name))

test('what is built loads Baileys and its GPL part nowhere but in the bundle of linked devices', () => {
  const files = readdirSync(folder).filter(name => name.endsWith('.js'))
  expect(files).toContain('main.js')
  expect(files.filter(bringsBaileys)).toEqual([BAILEYS])
})

test('and the server asks for that bundle only where the first linked device connects', () => {
  const main = readFileSync(built.main, 'utf8')
  expect(importsOf('main.js').length).toBeGreaterThan(20)
  expect(main.split(BAILEYS).length - 1).toBe(1)
  expect(main).toMatch(/new URL\(["']\.\/baileys\.main\.js["'], import\.meta\.url\)/)
})
