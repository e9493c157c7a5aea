import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { prebuiltPglite } from './database.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VARIABLE = 'FIO_TEST_SERVER'

type BuildServer = (options?: { outdir?: string }) => Promise<unknown>

/** For a project whose tests start servers: bundles today's sources once, so that each start costs a second, not five. */
export default async (): Promise<() => Promise<void>> => {
  // Beside dist and as deep: the bundle finds package.json and node_modules from there.
  const outdir = await mkdtemp(join(ROOT, '.test-server-'))
  const { buildServer } = (await import('../../scripts/lib/build-server.mjs' as string)) as {
    buildServer: BuildServer
  }
  await buildServer({ outdir })
  await symlink(prebuiltPglite(), join(outdir, 'pglite.tar.gz'))
  process.env[VARIABLE] = join(outdir, 'main.js')
  return () => rm(outdir, { recursive: true, force: true })
}

/** How node is told to run the server: the bundle of this run, or else the sources. */
export const serverArguments = (): string[] => {
  const bundle = process.env[VARIABLE]
  if (bundle && existsSync(bundle)) return ['--enable-source-maps', bundle]
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', loader, join(ROOT, 'src/main.ts')]
}
