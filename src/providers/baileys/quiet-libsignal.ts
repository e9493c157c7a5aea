/**
 * libsignal writes whole session records, private keys included, to the console when it closes or opens one. Nothing of that may
 * reach a log: these lines are dropped, all others pass.
 */
const TELLTALE =
  /^(Closing |Opening session|Session |Removing old closed session|Decrypted message with|Migrating session|Failed to decrypt message|V1 session storage)/

let quiet = false

export const quietLibsignal = (): void => {
  if (quiet) return
  quiet = true
  for (const level of ['info', 'warn', 'error'] as const) {
    const loud = console[level].bind(console)
    console[level] = (...said: unknown[]) => {
      if (typeof said[0] === 'string' && TELLTALE.test(said[0])) return
      loud(...said)
    }
  }
}
