import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ROOT } from './root.mjs'

const PARENT_LOOK_MS = 250
const PARENT = process.ppid
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** What a shell would report for this end of a child: its code, or 128 + the signal's number. */
const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0)

/**
 * Runs a program on this terminal and resolves with its exit code; signals that reach us reach it too, so that it can
 * put its work away before we end.
 */
export const run = (command, args, { env = process.env, cwd = ROOT, stdio = 'inherit' } = {}) =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, env, stdio, shell: needsShell(command) })
    // Ctrl-C on a terminal reaches the child by itself; a second copy would read as impatience.
    const forward = signal => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward)
    const stopLooking = onOrphaned(() => child.kill('SIGTERM'))
    const letGo = () => {
      stopLooking()
      for (const signal of FORWARDED_SIGNALS) process.off(signal, forward)
    }
    child.once('error', error => {
      letGo()
      failed(new Error(`${command} could not be started: ${error.message}`, { cause: error }))
    })
    child.once('exit', (code, signal) => {
      letGo()
      done(exitCodeOf(code, signal))
    })
  })

/**
 * Passes on the end of whoever started us. npm hands a SIGTERM to the shell that it put between itself and us, which dies of it
 * without telling: all we see is another parent.
 */
const onOrphaned = act => {
  const look = setInterval(() => {
    if (process.ppid === PARENT) return
    clearInterval(look)
    act()
  }, PARENT_LOOK_MS)
  look.unref()
  return () => clearInterval(look)
}

/** Runs a program quietly and resolves with its exit code and everything it said. */
export const capture = (command, args, { env = process.env, cwd = ROOT } = {}) =>
  new Promise((done, failed) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: needsShell(command),
    })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    child.once('error', error =>
      failed(new Error(`${command} could not be started: ${error.message}`, { cause: error })),
    )
    child.once('close', (code, signal) => done({ code: exitCodeOf(code, signal), output }))
  })

/** Windows finds npm only as a shell script. */
const needsShell = command => process.platform === 'win32' && command === 'npm'
