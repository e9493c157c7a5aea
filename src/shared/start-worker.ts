import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * A worker thread of a program of ours: a script beside the bundle, or the source under tsx and vitest. Node 20 cannot read
 * TypeScript by itself, and a worker doesn't inherit the test runner's ability to.
 */
export const startWorker = (program: URL, options: WorkerOptions): Worker => {
  if (!program.pathname.endsWith('.ts')) return new Worker(program, options)
  // By its folder: `require.resolve` would answer the CommonJS variant, which cannot register these hooks.
  const tsxFolder = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))
  const tsx = new URL('./dist/esm/api/index.mjs', tsxFolder).href
  const script = `import(${JSON.stringify(tsx)}).then(tsx => (tsx.register(), import(${JSON.stringify(program.href)})))`
  return new Worker(script, { ...options, eval: true, execArgv: [] })
}
