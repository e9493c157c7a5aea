import { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import { describeColumn, redisUrl } from '../../test/columns.ts'
import { testPrefix } from '../../test/support/redis.ts'
import { until } from '../../test/support/until.ts'
import { silentLog } from '../shared/log.ts'
import type { PeerWord } from '../realtime/peers.ts'
import { redisPeers } from './redis-peers.ts'

await describeColumn('redis', 'the processes of an installation over Redis', () => {
  const { prefix, drop } = testPrefix()
  afterAll(drop)

  test('hear each other and not themselves, and nothing in what is no word', async () => {
    const open = (node: string) => redisPeers({ redisUrl: redisUrl(), prefix, node, log: silentLog })
    const [one, other] = [await open('one'), await open('other')]
    const heard: Record<string, PeerWord[]> = { one: [], other: [] }
    one.onWord(word => heard['one']?.push(word))
    other.onWord(word => heard['other']?.push(word))
    const anybody = new Redis(redisUrl())
    for (const noWord of ['{"t":"he', '', '7', '{"t":"unheard of"}'])
      await anybody.publish(`${prefix}:peers`, noWord)
    await anybody.quit()
    one.say({ t: 'here', node: 'one', version: 3 })
    await until('the word to be heard', () => heard['other']?.[0])
    await Promise.all([one.close(), other.close()])
    expect(heard).toEqual({ one: [], other: [{ t: 'here', node: 'one', version: 3 }] })
  })
})
