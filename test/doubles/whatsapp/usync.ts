import { attr, childOf, childrenOf, node, SERVER_JID, userOf, type Node } from './nodes.ts'
import type { Person } from './person.ts'
import type { World } from './world.ts'

/** `usync`: who of these is on WhatsApp, on which devices, and under which identity. */
export const answerUsync = (world: World, asked: Node): Node[] => {
  const sync = childOf(asked, 'usync')
  const wanted = new Set(childrenOf(childOf(sync, 'query')).map(one => one.tag))
  const users = childrenOf(childOf(sync, 'list'), 'user').map(user => {
    const jid = attr(user, 'jid') || jidOfPhone(user)
    const person = world.personOf(jid)
    const answers: Node[] = []
    if (wanted.has('contact')) answers.push(node('contact', { type: person ? 'in' : 'out' }))
    if (person && wanted.has('devices')) answers.push(devicesOf(world, person))
    if (person && wanted.has('lid') && userOf(jid).server !== 'lid')
      answers.push(node('lid', { val: person.lid }))
    return node('user', { jid }, answers)
  })
  return [node('usync', {}, [node('list', {}, users)])]
}

const devicesOf = (world: World, person: Person): Node =>
  node('devices', {}, [
    node('device-list', {}, [
      node('device', { id: '0' }),
      ...world
        .companionsOf(person)
        .map(({ device }) => node('device', { id: String(device), 'key-index': String(device) })),
    ]),
  ])

const jidOfPhone = (user: Node): string => {
  const said = childOf(user, 'contact')?.content
  const phone =
    said instanceof Uint8Array ? Buffer.from(said).toString() : typeof said === 'string' ? said : ''
  return phone === '' ? '' : `${phone.replace('+', '')}@${SERVER_JID}`
}
