import { attr, node, seconds, userOf, type Node } from './nodes.ts'
import type { Companion } from './companion.ts'
import type { Group, World } from './world.ts'

/** `w:g2` queries: what a group is called and who is in it. */
export const answerGroup = (world: World, me: Companion, asked: Node): Node[] => {
  const to = attr(asked, 'to')
  const group = world.groups.get(to)
  if (group) return [describe(group)]
  if (userOf(to).user !== '') return [node('error', { code: '404', text: 'item-not-found' })]
  const mine = [...world.groups.values()].filter(one => one.members.includes(me.owner))
  return [node('groups', {}, mine.map(describe))]
}

const describe = (group: Group): Node =>
  node(
    'group',
    {
      id: userOf(group.jid).user,
      subject: group.subject,
      s_t: seconds(),
      s_o: group.admin.lid,
      creation: seconds(),
      creator: group.admin.lid,
      creator_pn: group.admin.jid,
      addressing_mode: 'lid',
      size: String(group.members.length),
    },
    group.members.map(member =>
      node('participant', {
        jid: member.lid,
        phone_number: member.jid,
        type: member === group.admin ? 'superadmin' : undefined,
      }),
    ),
  )

export const groupJid = (count: number): string => `12036300000000${String(count).padStart(4, '0')}@g.us`

export const isGroup = (jid: string): boolean => userOf(jid).server === 'g.us'
