import { Redis } from 'ioredis'
import { peerWord, type Peers, type PeerWord } from '../realtime/peers.ts'
import type { Log } from '../shared/log.ts'

/** What was said, or nothing that is a word: Redis carries whatever it is given. */
const wordOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The processes of an installation, over a channel of their Redis. What is said while it is away is lost. */
export const redisPeers = async (options: {
  readonly redisUrl: string
  /** Of this installation: others on the same Redis are not heard. */
  readonly prefix: string
  readonly node: string
  readonly log: Log
}): Promise<Peers & { close(): Promise<void> }> => {
  const { redisUrl, prefix, node, log } = options
  const channel = `${prefix}:peers`
  const saying = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    lazyConnect: true,
  })
  const hearing = new Redis(redisUrl, { maxRetriesPerRequest: null, lazyConnect: true })
  const listeners: ((word: PeerWord) => void)[] = []
  for (const redis of [saying, hearing])
    redis.on('error', err => log.debug({ err }, 'redis is away: other processes are not heard'))
  hearing.on('message', (_, text) => {
    const parsed = peerWord.safeParse(wordOf(text))
    // Another release may know other words, and anybody may publish.
    if (!parsed.success || parsed.data.node === node) return
    for (const listener of listeners) listener(parsed.data)
  })
  await Promise.all([saying.connect(), hearing.connect()])
  await hearing.subscribe(channel)
  const publish = (word: PeerWord): Promise<unknown> =>
    saying
      .publish(channel, JSON.stringify(word))
      .catch((err: unknown) => log.debug({ err }, 'nobody heard a word'))
  let last: Promise<unknown> = Promise.resolve()
  return {
    node,
    say: word => void (last = publish(word)),
    onWord: listener => void listeners.push(listener),
    close: async () => {
      await last
      saying.disconnect()
      hearing.disconnect()
    },
  }
}
