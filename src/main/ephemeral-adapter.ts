import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import type { ServerOptions } from 'socket.io'
import type { Log } from '../shared/log.ts'

/** Carries typing, presence and QR codes to the sockets of other nodes. What comes from facts needs no adapter. */
export const ephemeralAdapter = async (
  redisUrl: string,
  prefix: string,
  log: Log,
): Promise<{ adapter: ServerOptions['adapter']; close(): Promise<void> }> => {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  redis.on('error', error => log.warn({ err: error }, 'redis is away: typing and presence stay on this node'))
  await redis.ping()
  return {
    adapter: createAdapter(redis, {
      streamName: `${prefix}:socket.io`,
      // Else every installation on this Redis would hear what the others ask their processes.
      channelPrefix: `${prefix}:socket.io`,
    }) as ServerOptions['adapter'],
    close: async () => {
      redis.disconnect()
      await Promise.resolve()
    },
  }
}
