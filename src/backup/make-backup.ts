import { join, resolve } from 'node:path'
import { copyLog } from '../eventstore/embedded-backup.ts'
import { findStore } from '../eventstore/embedded-state.ts'
import { copyVault } from '../vault/embedded-backup.ts'
import { copyDurably, copyTree, makeFolder, namesIn } from './files.ts'
import { writeManifest, type Manifest } from './manifest.ts'
import { Refused, type Places } from './places.ts'

/** A `put` in the middle: not a file of anybody's yet. */
const MEDIA_INCOMING = 'incoming'

const checkTarget = async (places: Places, folder: string): Promise<void> => {
  if ((await namesIn(folder)).length > 0)
    throw new Refused(`${folder} is not empty: a backup wants a folder of its own`)
  if (`${resolve(folder)}/`.startsWith(`${places.dataDir}/`))
    throw new Refused(`${folder} lies in DATA_DIR: a backup wants another place`)
  const found = await findStore(places.events)
  if (found === 'new') throw new Refused(`there is no event log in ${places.events}`)
  if (found === 'lost') throw new Refused(`the event log of ${places.events} is missing`)
}

/**
 * Copies what cannot be rebuilt into a folder, while the server works or not. The log comes first: whatever one of its
 * facts refers to (a person's key, a file) was durable before the fact, so what is copied after it holds all of that.
 * Keys and files that are newer than the log do no harm: nothing refers to them. @throws Refused | StoreDamaged
 */
export const makeBackup = async (places: Places, folder: string): Promise<Manifest> => {
  await checkTarget(places, folder)
  await makeFolder(folder)
  const madeAt = new Date().toISOString()
  const log = await copyLog(places.events, join(folder, 'events'))
  const parts: Manifest['parts'] = ['events']
  if ((await namesIn(places.vault)).length > 0) {
    await copyVault(places.vault, join(folder, 'vault'))
    parts.push('vault')
  }
  if (await copyDurably(places.secretKey, join(folder, 'secret-key'))) parts.push('secret-key')
  let mediaFiles = 0
  if (places.media !== null) {
    mediaFiles = await copyTree(places.media, join(folder, 'media'), [MEDIA_INCOMING])
    parts.push('media')
  }
  const manifest: Manifest = {
    format: 1,
    madeAt,
    ...log,
    mediaFiles,
    parts,
    outside: [...places.outside],
  }
  await writeManifest(folder, manifest)
  return manifest
}
