import type { Connection } from './connection.ts'
import type { Companion } from './companion.ts'
import { node, seconds, SERVER_JID } from './nodes.ts'
import { offerPairing } from './pairing.ts'
import type { World } from './world.ts'

const LOGGED_OUT = 401
/** Lets what was said reach the client before the line goes. */
const CLOSE_AFTER_MS = 20

/** After the handshake: a client without an account may pair, one with an account must be the one it says it is. */
export const introduce = (world: World, connection: Connection): void => {
  const { payload } = connection
  if (payload?.devicePairingData) return offerPairing(world, connection)
  const companion = world.companionAt(`${String(payload?.username)}:${payload?.device ?? 0}@${SERVER_JID}`)
  if (!companion || companion.noiseKey !== connection.noiseKey) return refuse(connection, LOGGED_OUT)
  const { refuseLogin } = companion.mischief
  if (refuseLogin.times > 0) {
    refuseLogin.times -= 1
    return refuse(connection, refuseLogin.code)
  }
  if (companion.connection) breakStream(companion.connection, 440)
  connection.companion = companion
  companion.connection = connection
  companion.logins += 1
  connection.send(node('success', { t: seconds(), lid: companion.lid, props: '1', status: 'active' }))
}

const refuse = (connection: Connection, code: number): void => {
  connection.send(node('failure', { reason: String(code), location: 'local' }))
  closeSoon(connection)
}

/** Ends a session the way WhatsApp does for that code. */
export const breakStream = (connection: Connection, code: number): void => {
  const how = new Map([
    [401, node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })])],
    [411, node('ib', { from: SERVER_JID }, [node('downgrade_webclient')])],
    [428, node('xmlstreamend')],
    [440, node('stream:error', {}, [node('conflict', { type: 'replaced' })])],
  ])
  connection.send(how.get(code) ?? node('stream:error', { code: String(code) }))
  closeSoon(connection)
}

/** The account unlinked the device: it is known no more. */
export const unlink = (world: World, companion: Companion): void => {
  world.companions.delete(companion.jid)
}

const closeSoon = (connection: Connection): void => {
  setTimeout(() => connection.close(), CLOSE_AFTER_MS).unref()
}
