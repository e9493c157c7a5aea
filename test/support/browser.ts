import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'
import { chromiumPath } from '../columns.ts'

const PICTURES = fileURLToPath(new URL('../../ci-output', import.meta.url))
const STEP_MS_MAX = 20_000
/** How the browser's console begins what it says about a request, or a line, that failed. */
const NETWORK_ERROR = /^(Failed to load resource|WebSocket connection to )/
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** One browser for a test file; every visitor in it has cookies and storage of their own. */
export const openBrowser = (flags: readonly string[] = []): Promise<Browser> => {
  const executablePath = chromiumPath()
  if (!executablePath) throw new Error('no browser: set CHROMIUM_PATH')
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] })
}

export type VisitorOptions = {
  readonly url: string
  readonly locale?: 'pt-BR' | 'en' | 'es'
  readonly dark?: boolean
  readonly width?: number
  readonly height?: number
}

/** A person at a screen. */
export type Visitor = {
  readonly page: Page
  readonly context: BrowserContext
  /** What no screen may ever say: errors on the console, and breaches of the page's policy. */
  readonly problems: string[]
  /** Requests that the server refused, which the browser also writes on its console: `409 POST /api/…`. */
  readonly refusals: string[]
  /** How often a page was loaded. */
  readonly loads: () => number
  readonly at: (testid: string, extra?: string) => Locator
}

/** Runs in the page before any of its own code: what it breaks, and how much it jumps. The tests know no browser's types. */
const WATCH = `
  window.shifts = []
  document.addEventListener('securitypolicyviolation', event =>
    window.report('policy: ' + event.violatedDirective + ' ' + event.blockedURI))
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value)
  }).observe({ type: 'layout-shift', buffered: true })
`

export const visit = async (browser: Browser, options: VisitorOptions): Promise<Visitor> => {
  const { url, locale = 'en', dark = false, width = 1440, height = 900 } = options
  const context = await browser.newContext({
    baseURL: url,
    locale,
    timezoneId: 'America/Sao_Paulo',
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
    hasTouch: width < 500,
  })
  context.setDefaultTimeout(STEP_MS_MAX)
  const problems: string[] = []
  await context.exposeFunction('report', (text: string) => void problems.push(text))
  await context.addInitScript({ content: WATCH })
  const refusals: string[] = []
  let loads = 0
  const page = await context.newPage()
  page.on('load', () => void loads++)
  page.on('console', message => {
    if (message.type() !== 'error' || NETWORK_ERROR.test(message.text())) return
    problems.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('response', response => {
    if (response.status() < 400) return
    refusals.push(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`)
  })
  page.on('pageerror', error => problems.push(`page: ${error.stack ?? error.message}`))
  await page.goto('/')
  const at = (testid: string, extra = ''): Locator => page.locator(`[data-testid="${testid}"]${extra}`)
  return { page, context, problems, refusals, loads: () => loads, at }
}

export type Credentials = { readonly email: string; readonly password: string }

export const signIn = async (visitor: Visitor, { email, password }: Credentials): Promise<void> => {
  await visitor.at('login-email').fill(email)
  await visitor.at('login-password').fill(password)
  await visitor.at('login-submit').click()
  await visitor.at('connection', '[data-state="live"]').waitFor()
}

/** What an expression says in the page. */
export const inPage = <T>({ page }: Visitor, expression: string): Promise<T> => page.evaluate<T>(expression)

/** The page's layout shifts so far, added up. */
export const layoutShift = (visitor: Visitor): Promise<number> =>
  inPage(visitor, 'window.shifts.reduce((sum, shift) => sum + shift, 0)')

/** By how much the page is wider than its window. */
export const overflow = (visitor: Visitor): Promise<number> =>
  inPage(visitor, 'Math.max(0, document.documentElement.scrollWidth - window.innerWidth)')

/** Keeps a picture for people to look at, once fonts are there and nothing moves. */
export const picture = async (visitor: Visitor, name: string): Promise<void> => {
  mkdirSync(PICTURES, { recursive: true })
  await inPage(visitor, 'document.fonts.ready.then(() => null)')
  await visitor.page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' })
}
