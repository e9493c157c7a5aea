import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ROOT } from './root.mjs'

const SRC = join(ROOT, 'src')

/** `new URL('./x-worker.ts', import.meta.url)`: how a source file names another that runs in a thread or process of its own. */
export const SCRIPT_URL = /new URL\(\s*(['"])(\.{1,2}\/[^'"]+\.(?:ts|js|mjs))\1\s*,\s*import\.meta\.url,?\s*\)/g

/** The source file that such a URL means, or null when there is none (then the URL is left as it is). */
export const resolveScript = (fromFile, specifier) => {
  const named = resolve(dirname(fromFile), specifier)
  const candidates = [named, named.replace(/\.(js|mjs)$/, '.ts')]
  return candidates.find(file => existsSync(file) && !relative(SRC, file).startsWith('..')) ?? null
}

/** All bundles lie flat in dist, so that a URL relative to one of them is the same in each: `database/x.ts` → `database-x`. */
export const bundleName = file =>
  relative(SRC, file)
    .replace(/\.(ts|js|mjs)$/, '')
    .replaceAll(/[\\/]/g, '-')

const sourcesIn = folder =>
  readdirSync(folder, { recursive: true })
    .filter(name => /\.(ts|mjs)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
    .map(name => join(folder, name))

/** main, and every script that some source starts by URL. */
export const entries = () => {
  const found = new Set([join(SRC, 'main.ts')])
  for (const file of sourcesIn(SRC)) {
    for (const [, , specifier] of readFileSync(file, 'utf8').matchAll(SCRIPT_URL)) {
      const script = resolveScript(file, specifier)
      if (script) found.add(script)
    }
  }
  return Object.fromEntries([...found].map(file => [bundleName(file), file]))
}
