import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { checkCopy } from '../eventstore/embedded-backup.ts'
import { lockFolder } from '../eventstore/embedded-lock.ts'
import { markBackup } from '../eventstore/embedded-state.ts'
import { copyDurably, copyTree, makeFolder, namesIn } from './files.ts'
import { readManifest, type Manifest } from './manifest.ts'
import { Refused, type Places } from './places.ts'

export type Restored = {
  readonly manifest: Manifest
  /** Where the former content of DATA_DIR is now; `null` when there was none. */
  readonly replaced: string | null
}

const ASIDE = 'replaced-'

/** Takes the folder of a log that is there, so that no server can be at work on it. @throws StoreLocked */
const lockIfThere = async (events: string, names: readonly string[]): Promise<() => Promise<void>> =>
  names.includes('events') ? lockFolder(events) : async () => undefined

const moveAside = async (dataDir: string, names: readonly string[]): Promise<string> => {
  const aside = join(dataDir, `${ASIDE}${new Date().toISOString().replaceAll(':', '-')}`)
  await makeFolder(aside)
  for (const name of names) await rename(join(dataDir, name), join(aside, name))
  return aside
}

/** The log last: a folder whose state says `backup` and that has no log is refused by the server, not begun anew. */
const putBack = async (folder: string, { parts }: Manifest, places: Places): Promise<void> => {
  await makeFolder(places.events)
  await markBackup(places.events)
  if (parts.includes('vault')) await copyTree(join(folder, 'vault'), places.vault, ['lock.mdb'])
  if (parts.includes('secret-key')) await copyDurably(join(folder, 'secret-key'), places.secretKey)
  // By their hashes: beside files that are there already (a shared folder) nothing is replaced by anything else.
  if (places.media !== null && parts.includes('media')) await copyTree(join(folder, 'media'), places.media)
  const arriving = join(places.events, 'log.arriving')
  await copyDurably(join(folder, 'events', 'log.mdb'), arriving)
  await rename(arriving, join(places.events, 'log.mdb'))
}

/**
 * Puts a backup where a server finds it. The log gets a new epoch when it is opened: what follows is another history
 * than what followed the backup, so read models and checkpoints of before do not fit it and are made again.
 * With `force`, what was there is moved into `DATA_DIR/replaced-…`, never removed. @throws Refused | StoreLocked | StoreDamaged
 */
export const restoreBackup = async (folder: string, places: Places, force: boolean): Promise<Restored> => {
  const manifest = await readManifest(folder)
  const names = (await namesIn(places.dataDir)).filter(name => !name.startsWith(ASIDE))
  const unlock = await lockIfThere(places.events, names)
  try {
    if (names.length > 0 && !force)
      throw new Refused(
        `${places.dataDir} is not empty (${names.join(', ')}). With --force its content is moved aside first.`,
      )
    if (places.media === null && manifest.mediaFiles > 0)
      throw new Refused(
        `The backup holds ${manifest.mediaFiles} media files, and MEDIA_URL is a bucket. ` +
          'Restore with a folder as MEDIA_URL.',
      )
    // Before anything is touched: a backup that is no longer whole is no reason to move a log aside.
    await checkCopy(join(folder, 'events'))
    await makeFolder(places.dataDir)
    const replaced = names.length > 0 ? await moveAside(places.dataDir, names) : null
    await putBack(folder, manifest, places)
    return { manifest, replaced }
  } finally {
    await unlock()
  }
}
