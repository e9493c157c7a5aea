import { createServer } from 'node:http'
import { Server } from 'socket.io'

/** A bare Socket.IO server: on `say` from its parent it tells everybody one event. What the product is held against. */
const http = createServer()
const io = new Server(http, { serveClient: false })
io.on('connection', socket => {
  void socket.join('all')
  socket.emit('ready')
})
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
})
process.on('message', (payload: unknown) => io.local.to('all').emit('appMessage', payload))
