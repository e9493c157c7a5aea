import { join, resolve } from 'node:path'
import { settings } from '../config-settings.ts'

/** Where an installation keeps what no log can rebuild, and what of it is not in its own folders. */
export type Places = {
  readonly dataDir: string
  readonly events: string
  readonly vault: string
  /** `null` when media are in a bucket. */
  readonly media: string | null
  readonly secretKey: string
  /** What a backup of these folders lacks, and how it is saved instead. */
  readonly outside: readonly string[]
}

/** Nothing was done, and why. */
export class Refused extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'Refused'
  }
}

/** The same variables as the server reads; an empty one counts as unset. @throws Refused when the log is not in a folder. */
export const placesOf = (env: Readonly<Record<string, string | undefined>>): Places => {
  const given = (name: string): string | undefined => env[name] || undefined
  if (given('EVENTSTORE_URL'))
    throw new Refused(
      'EVENTSTORE_URL is set: the log is in EventStoreDB. Save it with its own tools first, then PostgreSQL ' +
        '(pg_dump), then the media: what a fact refers to was there before it.',
    )
  const dataDir = resolve(settings.DATA_DIR.schema.parse(given('DATA_DIR')))
  const media = settings.MEDIA_URL.schema.parse(given('MEDIA_URL'))
  const outside: string[] = []
  if (media?.kind === 's3') outside.push('the media (in a bucket): copy it after this ends, by its own tools')
  if (given('DATABASE_URL')) outside.push('the vault (in PostgreSQL): save it with pg_dump after this ends')
  if (given('SECRET_KEY'))
    outside.push('SECRET_KEY (in the environment): without it the vault can not be read')
  return {
    dataDir,
    events: join(dataDir, 'events'),
    vault: join(dataDir, 'vault'),
    media: media === undefined ? join(dataDir, 'media') : media.kind === 'folder' ? media.folder : null,
    secretKey: join(dataDir, 'secret-key'),
    outside,
  }
}
