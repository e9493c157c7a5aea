import type { WebSocket } from 'ws'
import type { Clock } from '../../shared/clock.ts'

const HEARTBEAT_MS = 20_000

/** Pings, so that a peer that vanished without a word is noticed. */
export const heartbeat = (socket: WebSocket, clock: Clock, dead: () => void): (() => void) => {
  let alive = true
  let cancel = () => {}
  const beat = () => {
    if (!alive) return dead()
    alive = false
    if (socket.readyState === socket.OPEN) socket.ping()
    cancel = clock.after(HEARTBEAT_MS, beat)
  }
  socket.on('pong', () => (alive = true))
  cancel = clock.after(HEARTBEAT_MS, beat)
  return () => cancel()
}
