import type { Socket } from 'socket.io-client'
import type { ClientEvents, ServerEvents } from '../../../src/realtime/protocol.ts'

const TYPING_AGAIN_MILLISECONDS = 3000

let socket: Socket<ServerEvents, ClientEvents> | undefined
const wanted = new Set<string>()
/** A ticket that this person is writing in, and when that was last told. */
let told: { ticketId: string; at: number } | undefined

const join = (ticketId: string): void => {
  // A refusal costs only the hint that somebody else is typing.
  if (socket?.connected) socket.emit('join', ticketId, () => undefined)
}

/** The line that rooms are entered through; `undefined` when it is closed. */
export const useLine = (next: typeof socket): void => {
  socket = next
  told = undefined
}

/** A line that came back is in no room any more. */
export const enterRoomsAgain = (): void => wanted.forEach(join)

/** Hears who types in a ticket, until the answer is called. */
export const enterRoom = (ticketId: string): (() => void) => {
  wanted.add(ticketId)
  join(ticketId)
  return () => {
    tellTyping(ticketId, false)
    wanted.delete(ticketId)
    if (socket?.connected) socket.emit('leave', ticketId)
  }
}

/** Tells the others in the ticket; again only every few seconds, for they forget by themselves. */
export const tellTyping = (ticketId: string, typing: boolean, now = Date.now()): void => {
  const same = told?.ticketId === ticketId
  if (typing ? same && now - (told?.at ?? 0) < TYPING_AGAIN_MILLISECONDS : !same) return
  told = typing ? { ticketId, at: now } : undefined
  if (socket?.connected) socket.emit('typing', ticketId, typing)
}
