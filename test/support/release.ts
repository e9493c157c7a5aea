import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { NODE_FLAGS } from '../../scripts/lib/node-flags.mjs'
import { bundle } from './server-bundle.ts'

/** One place of one source that reads otherwise in another release. */
export type Edit = { readonly file: string; readonly from: string; readonly to: string }

/** A release as an operator has it: how node is told to run it. */
export type Release = { readonly program: readonly string[]; remove(): Promise<void> }

const SOURCE = join(import.meta.dirname, '../../src')

const edited = (edits: readonly Edit[]): Plugin => ({
  name: 'another-release',
  setup: builder =>
    builder.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const ours = edits.filter(({ file }) => join(SOURCE, file) === path)
      if (ours.length === 0) return undefined
      let contents = await readFile(path, 'utf8')
      for (const { file, from, to } of ours) {
        if (!contents.includes(from)) throw new Error(`${file} has no ${from}: this release cannot be made`)
        contents = contents.replace(from, () => to)
      }
      return { contents, loader: 'ts' }
    }),
})

/** Another release of today's sources. */
export const makeRelease = async (edits: readonly Edit[]): Promise<Release> => {
  const { main, remove } = await bundle([edited(edits)])
  return { program: [...NODE_FLAGS, main], remove }
}

/**
 * `message.queued` in version 3, which says by which release it was written. `writes`: the release in between, which reads
 * it and still writes version 2.
 */
const queuedInVersion3 = (writes: boolean): Edit => ({
  file: 'events/all.ts',
  from: '  ...auditEvents,\n',
  to: `  ...auditEvents,
  'message.queued': {
    ...ticketEvents['message.queued'],
    version: 3,
    open: ticketEvents['message.queued'].open.extend({ release: z.int().default(3) }),
    upcasts: { ...ticketEvents['message.queued'].upcasts, 2: data => ({ ...data, release: 2 }) },
    ${writes ? 'writes: { version: 2, as: ({ release, ...data }) => data },' : ''}
  },
`,
})
const withZod: Edit = {
  file: 'events/all.ts',
  from: `import { auditEvents }`,
  to: `import { z } from 'zod'\nimport { auditEvents }`,
}

/** The release that reads version 3 of a fact, and the next one: it writes it, and makes its tickets' rows anew. */
export const OLD_RELEASE: readonly Edit[] = [withZod, queuedInVersion3(true)]
export const NEW_RELEASE: readonly Edit[] = [
  withZod,
  queuedInVersion3(false),
  {
    file: 'projections/ticket-row.ts',
    from: "'ticket_row',\n  version: ",
    to: "'ticket_row',\n  version: 1_000 + ",
  },
]
