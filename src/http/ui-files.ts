import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Ctx } from './context.ts'
import { UI_POLICY } from './security-headers.ts'

/**
 * The built UI. Its files are listed once at start, and only listed paths are ever read: no path of a request touches
 * the disk. Names under `assets/` carry a hash of their content and may be kept for ever.
 */
type File = {
  readonly path: string
  readonly mime: string
  readonly cache: string
  readonly encodings: readonly Encoding[]
}
type Encoding = { readonly name: string; readonly suffix: string }

const ENCODINGS: readonly Encoding[] = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
]
const MIME: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  txt: 'text/plain; charset=utf-8',
}
const FOR_EVER = 'public, max-age=31536000, immutable'

const listed = (dir: string): Map<string, File> => {
  const found = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = new Set(
    found.map(entry => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/')),
  )
  const files = new Map<string, File>()
  for (const path of paths) {
    if (ENCODINGS.some(({ suffix }) => path.endsWith(suffix))) continue
    files.set(`/${path}`, {
      path: join(dir, path),
      mime: MIME[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      cache: path.startsWith('assets/') ? FOR_EVER : 'no-cache',
      encodings: ENCODINGS.filter(({ suffix }) => paths.has(path + suffix)),
    })
  }
  return files
}

const accepted = (c: Ctx, encodings: readonly Encoding[]): Encoding | undefined => {
  const wanted = (c.req.header('accept-encoding') ?? '')
    .split(',')
    .filter(part => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map(part => part.split(';')[0]?.trim())
  return encodings.find(({ name }) => wanted.includes(name))
}

/** Answers with a file of the UI, or its first page for addresses that the UI itself knows. `null`: no such file. */
export const uiFiles = (dir: string): ((c: Ctx) => Response | null) => {
  const files = existsSync(join(dir, 'index.html')) ? listed(dir) : new Map<string, File>()
  const contents = new Map<string, Uint8Array<ArrayBuffer>>()
  const read = (path: string): Uint8Array<ArrayBuffer> => {
    const bytes = contents.get(path) ?? new Uint8Array(readFileSync(path))
    contents.set(path, bytes)
    return bytes
  }
  const first = files.get('/index.html')
  return c => {
    const isPage = !/\.\w+$/.test(c.req.path) && (c.req.header('accept') ?? '*/*').match(/text\/html|\*\/\*/)
    const file = files.get(c.req.path) ?? (isPage ? first : undefined)
    if (!file) return null
    const encoding = accepted(c, file.encodings)
    return c.body(read(file.path + (encoding?.suffix ?? '')), 200, {
      'Content-Type': file.mime,
      'Cache-Control': file.cache,
      'Content-Security-Policy': UI_POLICY,
      ...(file.encodings.length > 0 ? { Vary: 'Accept-Encoding' } : {}),
      ...(encoding ? { 'Content-Encoding': encoding.name } : {}),
    })
  }
}
