/**
 * The Signal library under Baileys writes whole sessions, private keys and all, to the console. Its known sentences are kept
 * away from there, as everything else goes through.
 */
const SENTENCES = [
  'Closing session:',
  'Opening session:',
  'Removing old closed session:',
  'Migrating session to:',
  'Session already closed',
  'Session already open',
  'Closing open session in favor of incoming prekey bundle',
  'Decrypted message with closed session.',
  'Failed to decrypt message with any known session',
  'Session error:',
]
const METHODS = ['info', 'warn', 'error', 'log'] as const
const quieted = new WeakSet<object>()

export const quietSignal = (): void => {
  for (const method of METHODS) {
    const speak = console[method]
    if (quieted.has(speak)) continue
    const listen = (...said: unknown[]): void => {
      const first = said[0]
      if (typeof first === 'string' && SENTENCES.some(sentence => first.startsWith(sentence))) return
      speak.apply(console, said)
    }
    quieted.add(listen)
    console[method] = listen
  }
}
