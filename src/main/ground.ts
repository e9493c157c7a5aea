import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { openDatabase } from '../database/open-database.ts'
import type { Database } from '../database/port.ts'
import { openEmbeddedStore } from '../eventstore/embedded.ts'
import { openEventStoreDb } from '../eventstore/eventstoredb.ts'
import type { EventStore } from '../eventstore/port.ts'
import { openBullJobs } from '../jobs/bullmq.ts'
import { createEmbeddedJobs } from '../jobs/embedded.ts'
import type { Leases } from '../jobs/lease.ts'
import { redisLeases } from '../jobs/leases.ts'
import { processLeases } from '../jobs/process-leases.ts'
import type { Jobs } from '../jobs/port.ts'
import { openFolderMedia } from '../media/folder.ts'
import { openS3Media } from '../media/s3.ts'
import type { MediaStore } from '../media/port.ts'
import { createScanMedia, unscanned } from '../media/scan.ts'
import { createShrinkPicture } from '../media/shrink-picture.ts'
import { createTakeIn, type TakeIn } from '../media/take-in.ts'
import { createThumbnails, type Thumbnails } from '../media/thumbnails.ts'
import { createUploadShelf, type UploadDrawer, type UploadShelf } from '../media/upload-shelf.ts'
import type { Stopping } from './stopping.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { openEmbeddedSnapshots } from '../snapshots/embedded.ts'
import type { Snapshots } from '../snapshots/port.ts'
import { openPostgresSnapshots } from '../snapshots/postgres.ts'
import { openEmbeddedVault } from '../vault/embedded.ts'
import { openPostgresVault } from '../vault/postgres.ts'
import type { Vault } from '../vault/port.ts'

/** Where everything is kept, each part embedded or outside as the configuration says. */
export type Ground = {
  readonly store: EventStore
  // The read models bring their own table types.
  readonly database: Database<never>
  readonly vault: Vault
  readonly jobs: Jobs
  readonly leases: Leases
  readonly media: MediaStore
  /** The way of every file into `media`. */
  readonly takeIn: TakeIn
  readonly thumbnails: Thumbnails
  readonly uploads: UploadShelf
  readonly snapshots: Snapshots
  /** Statements sent to the database of the read models so far. */
  statements(): number
  /** Puts all of it away, the last opened first; each by `step`, which may go on without one that hangs. */
  close(step?: Stopping['step']): Promise<void>
}

/** How long each part may take to be put away. */
const CLOSE_MS_MAX = 8_000
const patiently: Stopping['step'] = async (_, __, work) => void (await work())

/** Made by the build beside the bundle; from source the first start takes longer. */
const PREBUILT = fileURLToPath(new URL('./pglite.tar.gz', import.meta.url))

export const openGround = async (config: Config, clock: Clock, log: Log): Promise<Ground> => {
  const masterKey = Buffer.from(config.secretKey)
  const folder = (name: string): string => join(config.dataDir, name)
  const { eventStoreUrl, databaseUrl, redisUrl } = config
  const opened: { what: string; one: { close(): Promise<void> } }[] = []
  let statements = 0
  const keep = async <T extends { close(): Promise<void> }>(
    what: string,
    opening: Promise<T>,
  ): Promise<T> => {
    const one = await opening
    opened.push({ what, one })
    return one
  }
  const close: Ground['close'] = async (step = patiently) => {
    for (const { what, one } of opened.reverse()) await step(what, CLOSE_MS_MAX, () => one.close())
  }
  const opening = keep<EventStore>(
    'event store',
    eventStoreUrl
      ? openEventStoreDb({ connectionString: eventStoreUrl, log })
      : openEmbeddedStore({ folder: folder('events'), log }),
  )
  // Installations that share a Redis do not meet there: each has the name of its own log.
  const prefix = opening.then(store => `fio-${store.epoch}`)
  const parts = await Promise.allSettled([
    opening,
    keep(
      'database',
      openDatabase<never>({
        ...(databaseUrl ? { url: databaseUrl } : {}),
        folder: folder('read-models'),
        ...(existsSync(PREBUILT) ? { prebuilt: PREBUILT } : {}),
        onStatement: () => void statements++,
        log,
      }),
    ),
    keep(
      'vault',
      databaseUrl
        ? openPostgresVault({
            url: databaseUrl,
            masterKey,
            onError: err => log.error({ err }, 'the vault lost a connection'),
          })
        : openEmbeddedVault({ folder: folder('vault'), masterKey }),
    ),
    keep(
      'jobs',
      redisUrl
        ? prefix.then(prefix => openBullJobs({ redisUrl, prefix, log }))
        : Promise.resolve(createEmbeddedJobs({ clock, log })),
    ),
    keep(
      'leases',
      redisUrl
        ? prefix.then(prefix => redisLeases({ redisUrl, prefix, clock, log }))
        : Promise.resolve(processLeases()),
    ),
    config.media.kind === 's3'
      ? openS3Media({ address: config.media, log })
      : openFolderMedia({ folder: config.media.folder }),
    keep(
      'snapshots',
      databaseUrl
        ? openPostgresSnapshots({
            url: databaseUrl,
            onError: err => log.warn({ err }, 'the snapshots lost a connection'),
          })
        : openEmbeddedSnapshots({ folder: folder('snapshots') }),
    ),
  ])
  const failed = parts.find(part => part.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  const [store, database, vault, jobs, leases, media, snapshots] = parts.map(
    part => (part as { value: unknown }).value,
  ) as [EventStore, Database<never>, Vault, Jobs, Leases, MediaStore, Snapshots]
  const scan = config.clamd
    ? createScanMedia({ address: config.clamd, failOpen: config.clamd.failOpen, log })
    : unscanned
  const takeIn = createTakeIn({ media, scan })
  const thumbnails = createThumbnails({ media, pictures: createShrinkPicture({ clock }), log })
  opened.push({ what: 'pictures', one: thumbnails })
  const drawer: UploadDrawer = {
    get: key => vault.get('uploads', key),
    update: (key, change) => vault.update('uploads', key, change),
    keys: prefix => vault.keys('uploads', prefix),
  }
  const uploads = createUploadShelf({ drawer, media, takeIn, clock })
  return {
    store,
    database,
    vault,
    jobs,
    leases,
    media,
    takeIn,
    thumbnails,
    uploads,
    snapshots,
    statements: () => statements,
    close,
  }
}
