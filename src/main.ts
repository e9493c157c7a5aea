import { ConfigError, loadConfig } from './config.ts'
import { startServer } from './main/server.ts'
import { systemClock } from './shared/clock.ts'
import { createLog } from './shared/log.ts'

/** A stop ends by itself before that (`STOP_MS_MAX` and a moment); nothing durable depends on it. */
const STOP_SECONDS_MAX = 25

const config = (() => {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
})()

const log = createLog({
  level: config.logLevel,
  version: config.version,
  environment: config.environment,
  node: config.nodeName,
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)

try {
  const began = performance.now()
  const server = await startServer(config, systemClock, log)
  log.info({ url: server.url, ms: Math.round(performance.now() - began) }, 'listening')
  say(`\n  Fio is at ${server.url}\n`)
  if (server.firstRun) {
    const { email, password } = server.firstRun
    say(`  First user:  ${email}`)
    say(password ? `  Password:    ${password}   (shown only now: change it after the first login)\n` : '')
  }
  let stopping = false
  const stop = (code: number): void => {
    if (stopping) return
    stopping = true
    const cut = (): void => {
      log.error('the shutdown did not end and is cut short')
      process.exit(code || 1)
    }
    setTimeout(cut, config.shutdownDelayMs + STOP_SECONDS_MAX * 1000).unref()
    server.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: error }, 'the shutdown was not clean')
        process.exit(code || 1)
      },
    )
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  void server.died.then(error => {
    log.fatal({ err: error }, 'something vital died')
    stop(1)
  })
} catch (error) {
  log.fatal({ err: error }, 'could not start')
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
