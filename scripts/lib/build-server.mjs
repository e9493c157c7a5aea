import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { SCRIPT_URL, bundleName, entries, resolveScript } from './entries.mjs'
import { ROOT } from './root.mjs'

/**
 * A bundle's `import.meta.url` is dist/main.js, whatever folder the source lay in. Sources say
 * `new URL('./x-worker.ts', import.meta.url)`, which is right under tsx; here it becomes the worker's own bundle.
 */
const scriptUrls = {
  name: 'script-urls',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/].*\.(ts|mjs)$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const contents = source.replaceAll(SCRIPT_URL, (whole, quote, specifier) => {
        const script = resolveScript(path, specifier)
        return script ? `new URL(${quote}./${bundleName(script)}.js${quote}, import.meta.url)` : whole
      })
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
}

/**
 * Bundles our own sources; packages stay in node_modules. `outdir` must lie as deep in the project as dist does. `plugins`
 * see each source first: tests make another release of it.
 */
export const buildServer = ({ outdir = join(ROOT, 'dist'), plugins = [] } = {}) =>
  build({
    absWorkingDir: ROOT,
    entryPoints: entries(),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [...plugins, scriptUrls],
  })
