import type { Connection } from './connection.ts'
import { answerAppState } from './address-book.ts'
import { answerEncrypt } from './pre-keys.ts'
import { answerGroup } from './groups.ts'
import { deliverWaiting } from './deliver.ts'
import { breakStream, unlink } from './login.ts'
import { attr, childOf, node, SERVER_JID, type Node } from './nodes.ts'
import { answerLinkCode } from './pairing-code.ts'
import { answerUsync } from './usync.ts'
import type { World } from './world.ts'

const MEDIA_TTL_SECONDS = '3600'

/** Every `iq` is answered; what is not known here is answered with an empty result, so that no client waits. */
export const answerQuery = async (world: World, connection: Connection, asked: Node): Promise<void> => {
  if (asked.attrs['type'] === 'result') {
    if (childOf(asked, 'pair-device-sign')) connection.onPaired?.(asked)
    return
  }
  const answer = await answerOf(world, connection, asked)
  const failed = answer.find(one => one.tag === 'error')
  connection.send(
    node(
      'iq',
      { from: attr(asked, 'to') || SERVER_JID, type: failed ? 'error' : 'result', id: asked.attrs['id'] },
      answer,
    ),
  )
  const me = connection.companion
  if (me && attr(asked, 'xmlns') === 'passive' && childOf(asked, 'active')) deliverWaiting(me)
  const removed = childOf(asked, 'remove-companion-device')
  if (me && removed) {
    unlink(world, me)
    breakStream(connection, 401)
  }
}

const answerOf = async (world: World, connection: Connection, asked: Node): Promise<Node[]> => {
  const me = connection.companion
  const code = childOf(asked, 'link_code_companion_reg')
  if (code) return answerLinkCode(world, connection, code)
  if (!me) return []
  switch (attr(asked, 'xmlns')) {
    case 'encrypt':
      return answerEncrypt(world, me, asked)
    case 'usync':
      return answerUsync(world, asked)
    case 'w:g2':
      return answerGroup(world, me, asked)
    case 'privacy':
      return [
        node(
          'privacy',
          {},
          PRIVACY.map(name => node('category', { name, value: 'all' })),
        ),
      ]
    case 'w:m':
      return [
        node('media_conn', { auth: 'local', ttl: MEDIA_TTL_SECONDS }, [
          node('host', { hostname: world.media.host, maxContentLengthBytes: '104857600' }),
        ]),
      ]
    case 'blocklist':
      return [node('list', {}, [])]
    case 'abt':
      return [node('props', { hash: 'local' }, [])]
    case 'w:profile:picture':
      return picture(world, asked)
    case 'w:sync:app:state':
      return [answerAppState(world, me.owner, asked)]
    default:
      return []
  }
}

const PRIVACY = ['last', 'online', 'readreceipts', 'profile', 'status', 'groupadd', 'calladd']

const picture = (world: World, asked: Node): Node[] => {
  const url = world.personOf(attr(asked, 'target'))?.pictureUrl
  return url
    ? [node('picture', { url, id: '1', type: attr(childOf(asked, 'picture'), 'type') || 'image' })]
    : [node('error', { code: '404', text: 'item-not-found' })]
}
