/** A bundle of its own, so that a server without a linked device never loads Baileys. */
export { baileysProvider } from './provider.ts'
