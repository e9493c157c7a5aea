import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { ROOT } from './root.mjs'

const SRC = join(ROOT, 'src')

/** `new URL('./x-worker.ts', import.meta.url)`: how a source file names another that runs in a thread or process of its own. */
export const SCRIPT_URL =
  /new URL\(\s*(['"])(\.{1,2}\/[^'"]+\.(?:ts|js|mjs))\1\s*,\s*import\.meta\.url,?\s*\)/g

/** The source file that such a URL means, or null when there is none (then the URL is left as it is). */
export const resolveScript = (fromFile, specifier) => {
  const named = resolve(dirname(fromFile), specifier)
  const candidates = [named, named.replace(/\.(js|mjs)$/, '.ts')]
  return candidates.find(file => existsSync(file) && !relative(SRC, file).startsWith('..')) ?? null
}

/** All bundles lie flat in dist under their file's own name, so that `./x-worker.js` is right from each of them. */
export const bundleName = file => basename(file).replace(/\.(ts|js|mjs)$/, '')

const sourcesIn = folder =>
  readdirSync(folder, { recursive: true })
    .filter(name => /\.(ts|mjs)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
    .map(name => join(folder, name))

const startedByName = file => /(-worker|\.main)\.ts$/.test(file)

const startedByUrl = file =>
  [...readFileSync(file, 'utf8').matchAll(SCRIPT_URL)]
    .map(([, , specifier]) => resolveScript(file, specifier))
    .filter(Boolean)

/** main, and every script that runs in a thread or process of its own: by its name, or because a source starts it by URL. */
export const entries = () => {
  const sources = sourcesIn(SRC)
  const files = [join(SRC, 'main.ts'), ...sources.filter(startedByName), ...sources.flatMap(startedByUrl)]
  const byName = new Map()
  for (const file of files) {
    const name = bundleName(file)
    const other = byName.get(name) ?? file
    if (other !== file) throw new Error(`${other} and ${file} would both become dist/${name}.js: rename one`)
    byName.set(name, file)
  }
  return Object.fromEntries(byName)
}
