// Makes dist/pglite.tar.gz: an initialised, empty data folder, so that the first start needs no initdb (4 s → 1 s).
// Usage: node scripts/prebuild-pglite.mjs [target]
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

const target = resolve(process.argv[2] ?? 'dist/pglite.tar.gz')
const database = await PGlite.create('memory://')
await database.exec('checkpoint')
const dump = await database.dumpDataDir('gzip')
await mkdir(dirname(target), { recursive: true })
// Renamed into place: whoever sees it sees all of it.
await writeFile(`${target}.${process.pid}`, Buffer.from(await dump.arrayBuffer()))
await rename(`${target}.${process.pid}`, target)
await database.close()
