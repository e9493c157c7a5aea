import type { WebSocket } from 'ws'
import type { z } from 'zod'

/**
 * One end of a frame socket. Frames said within one turn of the event loop travel in one WebSocket message, because at
 * thousands a second the message, not the byte, is what costs.
 */
export type Wire<Out> = {
  say(frame: Out): void
  /** Resolves when what was said so far has left this process, or cannot any more. */
  flushed(): Promise<void>
}

export const createWire = <In, Out>(
  socket: WebSocket,
  schema: z.ZodType<In>,
  onFrame: (frame: In) => void,
  onGarbage: (error: unknown) => void,
  onWritten: (frames: readonly Out[]) => void = () => {},
): Wire<Out> => {
  let waiting: Out[] = []
  let flushes: (() => void)[] = []
  const flush = () => {
    const frames = waiting
    waiting = []
    const told = flushes
    flushes = []
    const done = () => told.forEach(tell => tell())
    if (socket.readyState !== socket.OPEN) return done()
    socket.send(JSON.stringify(frames), done)
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
    flushed: () =>
      new Promise(resolve => {
        if (waiting.length === 0) return resolve()
        flushes.push(resolve)
      }),
  }
}
