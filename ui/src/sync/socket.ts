import type { io as Io, Socket } from 'socket.io-client'
import type { ClientEvents, ServerEvents } from '../../../src/realtime/protocol.ts'
import { currentToken, endLogin, refresh } from '../api/http.ts'
import { apply, rowEvents, type RowEvent } from './apply.ts'
import { forgetPresence } from '../stores/presence.ts'
import { setConnection } from './connection.ts'
import { loadPart } from './load-part.ts'
import { enterRoomsAgain, useLine } from './rooms.ts'
import { refetchVisible } from './visible.ts'

export type Line = { readonly close: () => void }

const positionOf = (push: unknown): string | undefined =>
  typeof push === 'object' && push !== null && 'position' in push && typeof push.position === 'string'
    ? push.position
    : undefined

const listen = (io: typeof Io): Line => {
  let position: string | undefined
  let waiting: { event: RowEvent; push: unknown }[] = []

  const socket: Socket<ServerEvents, ClientEvents> = io({
    transports: ['websocket', 'polling'],
    auth: answer => answer({ token: currentToken(), ...(position ? { position } : {}) }),
    reconnectionDelay: 500,
    reconnectionDelayMax: 10_000,
  })

  const flush = (): void => {
    const pushes = waiting
    waiting = []
    apply(pushes)
  }
  const note = (push: unknown): void => {
    const at = positionOf(push)
    if (at && (!position || at > position)) position = at
  }
  for (const event of rowEvents) {
    socket.on(event, ((push: unknown) => {
      note(push)
      waiting.push({ event, push })
      // What came in one packet burst is applied together, before the next paint.
      if (waiting.length === 1) queueMicrotask(flush)
    }) as never)
  }

  useLine(socket)
  socket.on('ready', push => {
    setConnection('live')
    forgetPresence()
    enterRoomsAgain()
    // The screen may have loaded before the line was up: load again whatever a gap could hide.
    if (!push.resumed) void refetchVisible()
    position = push.position
  })
  socket.on('resync', push => {
    position = push.position
    void refetchVisible()
  })

  const down = (): void => void setConnection(navigator.onLine ? 'reconnecting' : 'offline')
  socket.on('disconnect', reason => {
    down()
    // The server hangs up when a login is revoked or a token ran out: come back with a fresh one, or not at all.
    if (reason === 'io server disconnect') void renew()
  })
  const renew = async (): Promise<void> => {
    try {
      if (await refresh()) socket.connect()
      else endLogin()
    } catch {
      setTimeout(() => void renew(), 3000)
    }
  }
  socket.on('connect_error', () => {
    down()
    // Refused by the server rather than unreachable: socket.io does not try again by itself.
    if (!socket.active) void renew()
  })
  const onOnline = () => void (socket.connected || socket.connect())
  addEventListener('online', onOnline)
  addEventListener('offline', down)

  return {
    close: () => {
      removeEventListener('online', onOnline)
      removeEventListener('offline', down)
      socket.close()
      useLine(undefined)
      forgetPresence()
      setConnection('connecting')
    },
  }
}

/**
 * The line to the server. It remembers the last position and gives it when it comes back: then it either gets exactly
 * what it missed (`ready {resumed: true}`), or loads again what is on the screen.
 * Its code comes after the first paint: what is on the screen was loaded without it.
 */
export const makeLine = (): Line => {
  let line: Line | undefined
  let closed = false
  const load = () =>
    import('socket.io-client').catch((error: unknown) => {
      // The server went away in between: its files come back with it.
      if (!closed) setConnection(navigator.onLine ? 'reconnecting' : 'offline')
      throw error
    })
  const open = async (): Promise<void> => {
    const { io } = await loadPart(load)
    if (!closed) line = listen(io)
  }
  void open()
  return {
    close: () => {
      closed = true
      line?.close()
      setConnection('connecting')
    },
  }
}
