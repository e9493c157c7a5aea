import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.mjs'

const SOURCES = ['src', 'ui', 'scripts', 'package-lock.json', 'tsconfig.json']
const STAMP = join(ROOT, 'dist/.stamp')
const notBuilt = path => /\.test\.tsx?$/.test(path) || path.endsWith('.md')

const filesOf = function* (path) {
  const full = join(ROOT, path)
  if (!existsSync(full)) return
  const children = readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const child of children) {
    if (child.name === 'node_modules' || child.name === 'dist') continue
    const childPath = `${path}/${child.name}`
    if (child.isDirectory()) yield* filesOf(childPath)
    else if (!notBuilt(childPath)) yield childPath
  }
}

/** A fingerprint of everything that the build reads. Contents, not dates: a checkout changes dates without a reason to build. */
export const sourceStamp = () => {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const files = source.endsWith('.json') ? [source] : [...filesOf(source)]
    for (const file of files)
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(ROOT, file)))
        .update('\0')
  }
  return hash.digest('hex')
}

/** Whether dist was built from exactly these sources. */
export const isBuilt = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourceStamp()

export const writeStamp = stamp => writeFileSync(STAMP, stamp)
