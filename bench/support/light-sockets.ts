import { WebSocket } from 'ws'

/**
 * Agents' sockets by the thousand in one process: they speak Engine.IO 4 and Socket.IO 5 as text frames and read no
 * more of an event than its name, so that the load costs little beside what it measures.
 */
export type LightSockets = {
  /** Called for every event of every socket, with the time of `performance.now()`. */
  onEvent(listener: (name: string, frame: string, socket: number) => void): void
  readonly count: number
  close(): void
}

const EVENT = /^42\["([^"]+)"/
const AT_ONCE = 50

const connect = (
  url: string,
  token: string,
  heard: (name: string, frame: string) => void,
): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the server closed a socket')))
    socket.on('message', data => {
      const frame = (data as Buffer).toString()
      if (frame === '2') return socket.send('3')
      if (frame.startsWith('0')) return socket.send(`40${JSON.stringify({ token })}`)
      if (frame.startsWith('44')) return reject(new Error(`not let in: ${frame}`))
      const [, name] = EVENT.exec(frame) ?? []
      if (!name) return
      if (name === 'ready') resolve(socket)
      else heard(name, frame)
    })
  })

/** @param tokens one for each socket */
export const lightSockets = async (url: string, tokens: readonly string[]): Promise<LightSockets> => {
  const sockets: WebSocket[] = []
  let listener: (name: string, frame: string, socket: number) => void = () => undefined
  for (let at = 0; at < tokens.length; at += AT_ONCE)
    sockets.push(
      ...(await Promise.all(
        tokens
          .slice(at, at + AT_ONCE)
          .map((token, i) => connect(url, token, (name, frame) => listener(name, frame, at + i))),
      )),
    )
  return {
    onEvent: given => (listener = given),
    count: sockets.length,
    close: () => {
      for (const socket of sockets) socket.terminate()
    },
  }
}
