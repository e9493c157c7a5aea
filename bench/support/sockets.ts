import { io, type Socket } from 'socket.io-client'
import type { BenchServer } from './server.ts'

/** An agent's socket that has come in, with everything that it was told counted. */
export const agentSocket = async (server: Pick<BenchServer, 'url' | 'token'>): Promise<Socket> => {
  const socket = io(server.url, { transports: ['websocket'], auth: { token: server.token }, forceNew: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('ready', () => resolve())
    socket.once('connect_error', reject)
  })
  return socket
}
