import type { MiddlewareHandler } from 'hono'
import type { Env, HttpParts } from './context.ts'

const policy = (directives: Record<string, string>): string =>
  Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')

/** Answers that are data: nothing in them is ever run or framed. */
const DATA_POLICY = policy({ 'default-src': "'none'", 'frame-ancestors': "'none'", sandbox: '' }).trim()

const pagePolicy = (styles: Record<string, string>): string =>
  policy({
    'default-src': "'self'",
    'script-src': "'self'",
    ...styles,
    'img-src': "'self' data: blob:",
    'media-src': "'self' blob:",
    'font-src': "'self' data:",
    'connect-src': "'self'",
    'worker-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
  })

/** The UI sets style attributes in its templates, but brings no style elements of its own. */
export const UI_POLICY = pagePolicy({ 'style-src': "'self'", 'style-src-attr': "'unsafe-inline'" })
/** The reference's own program writes style elements. */
export const DOCS_POLICY = pagePolicy({ 'style-src': "'self' 'unsafe-inline'" })

const ALWAYS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(self)',
} as const

const HSTS = 'max-age=31536000; includeSubDomains'

/** On every answer, problems included. Pages replace the policy by their own before. */
export const securityHeaders =
  ({ config }: Pick<HttpParts, 'config'>): MiddlewareHandler<Env> =>
  async (c, next) => {
    await next()
    const { headers } = c.res
    for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value)
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', DATA_POLICY)
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
    if (config.publicUrl.startsWith('https:')) headers.set('Strict-Transport-Security', HSTS)
  }
