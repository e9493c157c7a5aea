import { io, type Socket } from 'socket.io-client'
import type { App } from '../support/app.ts'
import { ADMIN } from '../support/world.ts'
import { until } from '../support/until.ts'

/** A screen without a picture: it hears what is pushed, goes to another server when its own is lost, and asks for what it missed. */
export type Watcher = {
  /** Ids of the messages that it knows: loaded when it was told to load, pushed since. */
  readonly knows: () => ReadonlySet<string>
  /** How often it was told to load everything again, and how often it could go on where it was. */
  readonly resyncs: () => number
  readonly resumed: () => number
  readonly connected: () => boolean
  /** Connects to that server, with the last position that it was given. */
  moveTo(app: App): Promise<void>
  close(): void
}

type Pushed = { position?: string; action?: string; message?: { id: string } }
type Ready = { position: string; resumed: boolean }

/** `load`: everything that there is at this moment, as ids of messages. */
export const watch = (load: (app: App) => Promise<readonly string[]>): Watcher => {
  const known = new Set<string>()
  let position: string | null = null
  let socket: Socket | null = null
  let resyncs = 0
  let resumed = 0
  const hear = (event: string, payload: Pushed): void => {
    if (payload.position && (position === null || payload.position > position)) position = payload.position
    if (event === 'appMessage' && payload.message) known.add(payload.message.id)
  }
  const come = async (app: App): Promise<boolean> => {
    socket?.disconnect()
    const login = await fetch(`${app.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ADMIN),
      signal: AbortSignal.timeout(20_000),
    }).catch(() => null)
    if (login?.status !== 200) return false
    const { accessToken: token } = (await login.json()) as { accessToken: string }
    const next = io(app.url, {
      auth: { token, ...(position === null ? {} : { position }) },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    socket = next
    let told: Ready | null = null
    let mustLoad = position === null
    next.onAny((event: string, payload: Pushed & Ready) => {
      if (event === 'resync') mustLoad = true
      else if (event === 'ready') told = payload
      else hear(event, payload)
    })
    const ready = await until(
      'to be let in',
      () => told ?? (next.disconnected && !next.active && 'refused'),
      30_000,
    ).catch(() => 'refused' as const)
    if (ready === 'refused') return false
    if (!mustLoad) {
      resumed += 1
      return true
    }
    resyncs += 1
    known.clear()
    for (const id of await load(app)) known.add(id)
    return true
  }
  return {
    knows: () => known,
    resyncs: () => resyncs,
    resumed: () => resumed,
    connected: () => socket?.connected === true,
    moveTo: async app => {
      await until('a server to come to', () => come(app).catch(() => false), 120_000)
    },
    close: () => void socket?.disconnect(),
  }
}
