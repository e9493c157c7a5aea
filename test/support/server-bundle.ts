import { NODE_FLAGS } from '../../scripts/lib/node-flags.mjs'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { prebuiltPglite } from './database.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VARIABLE = 'FIO_TEST_SERVER'

type BuildServer = (options?: { outdir?: string; plugins?: readonly Plugin[] }) => Promise<unknown>

/** Bundles the sources, as `plugins` show them, into a folder of their own. */
export const bundle = async (
  plugins: readonly Plugin[] = [],
): Promise<{ readonly main: string; remove(): Promise<void> }> => {
  // Beside dist and as deep: the bundle finds package.json and node_modules from there.
  const outdir = await mkdtemp(join(ROOT, '.test-server-'))
  const { buildServer } = (await import('../../scripts/lib/build-server.mjs' as string)) as {
    buildServer: BuildServer
  }
  await buildServer({ outdir, plugins })
  await symlink(prebuiltPglite(), join(outdir, 'pglite.tar.gz'))
  return { main: join(outdir, 'main.js'), remove: () => rm(outdir, { recursive: true, force: true }) }
}

/** For a project whose tests start servers: bundles today's sources once, so that each start costs a second, not five. */
export default async (): Promise<() => Promise<void>> => {
  const { main, remove } = await bundle()
  process.env[VARIABLE] = main
  return remove
}

/** How node is told to run a program of ours: out of the bundles of this run, or else from the sources. */
const programArguments = (bundled: string, source: string): string[] => {
  const main = process.env[VARIABLE]
  if (main && existsSync(main)) return [...NODE_FLAGS, join(dirname(main), bundled)]
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', loader, join(ROOT, 'src', source)]
}

export const serverArguments = (): string[] => programArguments('main.js', 'main.ts')

/** Where the source of each lies. */
const COMMANDS = { backup: 'backup', restore: 'backup', rebuild: 'main', verify: 'main' } as const

/** The commands beside the server. */
export const commandArguments = (command: keyof typeof COMMANDS): string[] =>
  programArguments(`${command}.main.js`, `${COMMANDS[command]}/${command}.main.ts`)
