import { resolve } from 'node:path'
import { command, say, wordsOf } from './command.ts'
import { placesOf } from './places.ts'
import { restoreBackup } from './restore-backup.ts'

/** `restore.main <folder> [--force]`: puts a backup into DATA_DIR, for a server that is not running. */
await command(async () => {
  const { folder, force } = wordsOf('npm run restore -- <folder of the backup> [--force]', ['--force'])
  const places = placesOf(process.env)
  const { manifest, replaced } = await restoreBackup(resolve(folder), places, force)
  say(`${manifest.events} events as of ${manifest.madeAt} are in ${places.dataDir}`)
  if (replaced) say(`What was there before is in ${replaced}`)
  for (const missing of manifest.outside) say(`NOT in the backup: ${missing}`)
  say('Start the server: it makes the read models again by itself.')
})
