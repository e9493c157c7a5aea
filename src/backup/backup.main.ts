import { resolve } from 'node:path'
import { command, say, wordsOf } from './command.ts'
import { makeBackup } from './make-backup.ts'
import { placesOf } from './places.ts'

/** `backup.main <folder>`: a copy of everything that cannot be rebuilt, made while the server works. */
await command(async () => {
  const { folder } = wordsOf('npm run backup -- <new folder>', [])
  const target = resolve(folder)
  const made = await makeBackup(placesOf(process.env), target)
  say(`${made.events} events, ${made.mediaFiles} media files and ${made.parts.join(', ')} are in ${target}`)
  for (const missing of made.outside) say(`NOT in it: ${missing}`)
  say(`To bring it back: npm run restore -- ${target}`)
})
