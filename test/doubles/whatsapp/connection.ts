import { decodeBinaryNode, encodeBinaryNode, type Curve, type proto } from '@whiskeysockets/baileys'
import type { WebSocket } from 'ws'
import type { makeAuthority } from './authority.ts'
import type { Companion } from './companion.ts'
import { framed, makeFrameReader } from './frames.ts'
import type { Node } from './nodes.ts'
import { makeNoiseResponder } from './noise-responder.ts'

/** One client on the line: first the handshake, then nodes both ways. */
export type Connection = {
  /** Whom the client said to be; null before the handshake is over. */
  payload: proto.ClientPayload | null
  /** The key that the client showed in the handshake (base64). */
  noiseKey: string
  /** The device that has logged in here. */
  companion: Companion | null
  /** True once the client has been told what waited: from then on it hears things as they happen. */
  ready: boolean
  /** What a pairing still waits for: the client's own signature. */
  onPaired: ((reply: Node) => void) | null
  /** What the phone that typed the code waits for: the client's half of the secret. */
  onCodeFinish: ((said: Node) => void) | null
  send(said: Node): void
  close(): void
}

export type ConnectionHandlers = {
  introduced(connection: Connection): void
  heard(connection: Connection, said: Node): Promise<void>
  closed(connection: Connection): void
  failed(connection: Connection, error: unknown): void
}

const INTRODUCTION_FRAMES = 2

export const openConnection = (
  socket: WebSocket,
  identity: { key: ReturnType<typeof Curve.generateKeyPair>; authority: ReturnType<typeof makeAuthority> },
  handlers: ConnectionHandlers,
): Connection => {
  const noise = makeNoiseResponder(identity.key, identity.authority)
  const cut = makeFrameReader()
  let frames = 0
  let queue: Promise<void> = Promise.resolve()

  const silent = (): boolean => connection.companion?.mischief.silent ?? false

  const connection: Connection = {
    payload: null,
    noiseKey: '',
    companion: null,
    ready: false,
    onPaired: null,
    onCodeFinish: null,
    send(said) {
      if (silent() || socket.readyState !== socket.OPEN) return
      socket.send(framed(noise.seal(encodeBinaryNode(said))))
    },
    close: () => socket.close(),
  }

  const take = async (frame: Buffer): Promise<void> => {
    frames += 1
    if (frames < INTRODUCTION_FRAMES) return socket.send(framed(noise.hello(frame)))
    if (frames === INTRODUCTION_FRAMES) {
      const { noiseKey, payload } = noise.finish(frame)
      Object.assign(connection, { payload, noiseKey })
      return handlers.introduced(connection)
    }
    const said = await decodeBinaryNode(Buffer.from(noise.unseal(frame)))
    if (!silent()) await handlers.heard(connection, said)
  }

  socket.on('message', (bytes: Buffer) => {
    queue = queue
      .then(async () => {
        for (const frame of cut(bytes)) await take(frame)
      })
      .catch((error: unknown) => {
        handlers.failed(connection, error)
        socket.close()
      })
  })
  socket.on('close', () => handlers.closed(connection))
  socket.on('error', () => socket.terminate())
  return connection
}
