import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from './files.ts'
import { Refused } from './places.ts'

/** The parts of a backup, by their names in its folder. */
export const PARTS = ['events', 'vault', 'media', 'secret-key'] as const

const manifestSchema = z.object({
  format: z.literal(1),
  /** ISO 8601: when the log was copied. What came later is not in it. */
  madeAt: z.iso.datetime(),
  /** Of the log that was copied; what is restored gets another. */
  epoch: z.string(),
  events: z.int().nonnegative(),
  mediaFiles: z.int().nonnegative(),
  parts: z.array(z.enum(PARTS)),
  outside: z.array(z.string()),
})
/** What a backup says about itself, in `backup.json`: written last, so that a folder without it is no backup. */
export type Manifest = z.output<typeof manifestSchema>

const FILE = 'backup.json'

export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  writeDurably(join(folder, FILE), `${JSON.stringify(manifest, null, 2)}\n`)

/** @throws Refused when the folder holds no complete backup that this release can read. */
export const readManifest = async (folder: string): Promise<Manifest> => {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => null)
  if (text === null) throw new Refused(`${folder} holds no complete backup: there is no ${FILE} in it`)
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new Refused(`${join(folder, FILE)} can not be read by this release: ${String(error)}`)
  }
}
