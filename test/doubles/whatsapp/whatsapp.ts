import { Curve } from '@whiskeysockets/baileys'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { makeAuthority } from './authority.ts'
import { openConnection } from './connection.ts'
import { makeControl, type WhatsAppControl } from './control.ts'
import { hear } from './heard.ts'
import { introduce } from './login.ts'
import { startMediaStore } from './media-store.ts'
import type { AutoReceipts } from './person.ts'
import { quietSignal } from './quiet-signal.ts'
import { makeWorld } from './world.ts'

/**
 * A WhatsApp of one's own: the unmodified Baileys pairs with it, logs in, and exchanges encrypted messages and media.
 *
 * ```ts
 * const whatsapp = await startWhatsApp()
 * WA_CERT_DETAILS.PUBLIC_KEY = whatsapp.rootPublicKey            // process-wide: before the first connection
 * makeWASocket({ waWebSocketUrl: whatsapp.url, fetchAgent: plainAgent(), … })
 *
 * await whatsapp.person({ number: '5511900000001', name: 'Shop' })  // phones are made when first named, too
 * await whatsapp.scan({ qr, number: '5511900000001' })              // links the client to that phone's account
 * const { id } = await whatsapp.write({ from: '5511900000002', to: '5511900000001', content: { kind: 'text', text: 'Hi' } })
 * await until('the answer', async () => (await whatsapp.sentTo({ number: '5511900000002' }))[0])
 * await whatsapp.receipt({ by: '5511900000002', ids: [answer.id], kind: 'read' })
 * ```
 *
 * Everything that it can be asked for is in `WhatsAppControl` (control.ts). `startWhatsAppProcess` (../whatsapp-process.ts) runs it in
 * a process of its own and answers the same control, over HTTP; `npm run demo:whatsapp` shows it with a phone to click on.
 */
export type WhatsApp = WhatsAppControl & {
  /** For `waWebSocketUrl`, and `WHATSAPP_URL`. */
  readonly url: string
  /** For `WA_CERT_DETAILS.PUBLIC_KEY`, and in base64 for `WHATSAPP_ROOT_KEY`. */
  readonly rootPublicKey: Buffer
  /** Where its store of media is, which clients believe to be at `https://mmg.whatsapp.net`. */
  readonly mediaUrl: string
  close(): Promise<void>
}

export type WhatsAppOptions = {
  port?: number
  /** What phones do by themselves with what reaches them; `delivered` if not said. */
  autoReceipts?: AutoReceipts
  /**
   * A fresh client uploads 812 one-time keys, which costs it most of a pairing. If the server claims to have so many of them
   * already, it uploads five, and more when asked.
   */
  quickPairing?: boolean
}

const CLAIMED_PRE_KEYS = 5

export const startWhatsApp = async (options: WhatsAppOptions = {}): Promise<WhatsApp> => {
  quietSignal()
  const media = await startMediaStore()
  const world = makeWorld(media, {
    autoReceipts: options.autoReceipts ?? 'delivered',
    claimedPreKeys: options.quickPairing ? CLAIMED_PRE_KEYS : 0,
  })
  const authority = makeAuthority()
  const identity = { key: Curve.generateKeyPair(), authority }

  const server = new WebSocketServer({ port: options.port ?? 0, host: '127.0.0.1' })
  server.on('connection', socket => {
    const connection = openConnection(socket, identity, {
      introduced: made => introduce(world, made),
      heard: (by, said) => hear(world, by, said),
      closed: gone => {
        world.connections.delete(gone)
        if (gone.companion?.connection === gone) gone.companion.connection = null
      },
      failed: (_by, error) => {
        world.failures.push({
          id: '',
          number: '',
          error: error instanceof Error ? (error.stack ?? '') : String(error),
        })
      },
    })
    world.connections.add(connection)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })

  return {
    ...makeControl(world),
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`,
    rootPublicKey: authority.rootPublicKey,
    mediaUrl: `http://${media.host}`,
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>(resolve => server.close(() => resolve()))
      await media.close()
      for (const person of new Set(world.people.values())) person.signal.close()
    },
  }
}
