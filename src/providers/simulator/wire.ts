import type { WebSocket } from 'ws'
import type { z } from 'zod'

/**
 * One end of a frame socket. Frames said within one turn of the event loop travel in one WebSocket message, because at
 * thousands a second the message, not the byte, is what costs.
 */
export type Wire<Out> = { say(frame: Out): void }

export const createWire = <In, Out>(
  socket: WebSocket,
  schema: z.ZodType<In>,
  onFrame: (frame: In) => void,
  onGarbage: (error: unknown) => void,
  onWritten: (frames: readonly Out[]) => void = () => {},
): Wire<Out> => {
  let waiting: Out[] = []
  const flush = () => {
    const frames = waiting
    waiting = []
    if (socket.readyState !== socket.OPEN) return
    socket.send(JSON.stringify(frames))
    onWritten(frames)
  }
  socket.on('message', (data: Buffer) => {
    let frames: In[]
    try {
      const parsed: unknown = JSON.parse(data.toString('utf8'))
      if (!Array.isArray(parsed)) throw new Error('not an array of frames')
      frames = parsed.map(frame => schema.parse(frame))
    } catch (error) {
      onGarbage(error)
      return
    }
    for (const frame of frames) onFrame(frame)
  })
  return {
    say(frame) {
      if (waiting.push(frame) === 1) setImmediate(flush)
    },
  }
}
