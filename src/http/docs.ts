import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import type { Env } from './context.ts'
import { notFound } from './problem.ts'
import { DOCS_POLICY } from './security-headers.ts'

/** What the build copies from `swagger-ui-dist` into `dist/swagger-ui`. */
export const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const

const MIME: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Fio API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null })\n`

/** Beside the built server, or else where npm put it. */
const folder = (): string | null => {
  const built = resolve(dirname(fileURLToPath(import.meta.url)), 'swagger-ui')
  if (existsSync(built)) return built
  try {
    return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  } catch {
    return null
  }
}

/** The browsable reference, without anything from elsewhere. */
export const docsRoutes = () => {
  const files = new Map<string, Buffer>([['start.js', Buffer.from(START)]])
  const from = folder()
  const read = (name: string): Buffer | null => {
    if (from === null || !(SWAGGER_FILES as readonly string[]).includes(name)) return null
    const bytes = readFileSync(join(from, name))
    files.set(name, bytes)
    return bytes
  }
  return new Hono<Env>()
    .get('/docs', c =>
      c.html(PAGE, 200, { 'Content-Security-Policy': DOCS_POLICY, 'Cache-Control': 'no-cache' }),
    )
    .get('/docs/:file', c => {
      const name = c.req.param('file')
      const bytes = files.get(name) ?? read(name)
      if (!bytes) throw notFound('page')
      return c.body(new Uint8Array(bytes), 200, {
        'Content-Type': MIME[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
        'Cache-Control': 'public, max-age=3600',
      })
    })
}
