import type { Contact, Ticket } from '../../src/realtime/protocol.ts'
import { webhookBodyOf } from '../doubles/graph/webhook-bodies.ts'
import { postDelivery } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import { breath, insist, NOBODYS_NUMBER, WAIT_MS_MAX, write, type Tools } from './fail-point-load.ts'

/**
 * People with three numbers each, whom somebody makes one, then two again, or erases, whatever dies meanwhile. What they wrote
 * stands here, outside of the servers.
 */
export const ENDS = ['merged', 'parted', 'erased'] as const
export type End = (typeof ENDS)[number]
/** Whose number it is: the first is merged into the second, which then is merged into the third. */
export const NUMBERS = ['a', 'b', 'c'] as const
export type Which = (typeof NUMBERS)[number]

export type Person = {
  readonly name: string
  readonly ends: End
  readonly contacts: Readonly<Record<Which, string>>
  /** What was written, in the order in which it was. */
  readonly written: readonly string[]
}

const PICTURE = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')

export const numberOf = (name: string, which: Which): string => {
  const [lane, n] = /^P(\d)n(\d+)x$/.exec(name)!.slice(1)
  return `55119${lane}${NUMBERS.indexOf(which)}${n!.padStart(6, '0')}`
}

export const writeAs = (
  tools: Tools,
  name: string,
  which: Which,
  nth: number,
  picture = false,
): Promise<string> => {
  const words = `${name}${which} ${nth}`
  const media = picture ? { media: { mime: 'image/png', base64: PICTURE } } : {}
  return write(tools, numberOf(name, which), name + which, words, words.replace(' ', '-'), media).then(
    () => words,
  )
}

/** Reads until it is answered. */
const read = async <T>(tools: Tools, path: string): Promise<T> => {
  const answer = await until(
    `${path} to be answered`,
    async () => {
      if (!tools.app.alive) return breath().then(() => null)
      const found = await tools.app.api.ask<T>('GET', path, { waitMs: WAIT_MS_MAX }).catch(() => null)
      return found?.status === 200 ? found : breath().then(() => null)
    },
    WAIT_MS_MAX,
  )
  return answer.body
}

const ticketOf = (tools: Tools, name: string): Promise<Ticket> =>
  until(
    `a ticket of ${name}`,
    async () => (await read<{ items: Ticket[] }>(tools, `/tickets?q=${name}`)).items[0] ?? null,
    WAIT_MS_MAX,
  )

/** Somebody's letter to a number that no session has: it is kept, and goes with them. */
const strayLetter = (tools: Tools, from: string, name: string): Promise<true> => {
  const id = `wamid.stray-${name}`
  const messages = [{ from, id, timestamp: '1772000000', type: 'text', text: { body: `${name} stray` } }]
  return until(
    `the letter of ${name} to be taken`,
    async () => {
      if (!tools.app.alive) return breath().then(() => null)
      const delivery = webhookBodyOf(NOBODYS_NUMBER, { messages })
      const answer = await postDelivery(tools.app.url, tools.cloud, delivery).catch(() => null)
      return answer?.status === 200 ? (true as const) : breath().then(() => null)
    },
    WAIT_MS_MAX,
  )
}

/** One person after the other; a lane of them comes to one kind of end. */
export const people = async (tools: Tools, ends: End, ledger: Person[]): Promise<void> => {
  for (let n = 0; !tools.stopped(); n++)
    ledger.push(await onePerson(tools, `P${ENDS.indexOf(ends)}n${n}x`, ends, n))
}

const onePerson = async (tools: Tools, name: string, ends: End, n: number): Promise<Person> => {
  const written: string[] = []
  const contacts = { a: '', b: '', c: '' }
  for (const which of NUMBERS) {
    written.push(await writeAs(tools, name, which, 1, ends === 'erased'))
    const ticket = await ticketOf(tools, name + which)
    contacts[which] = ticket.contact.id
    // Half of the time one conversation of two has a live ticket, and half of the time both.
    if (which !== 'a' || n % 2 === 0) continue
    await insist(tools, `/tickets/${ticket.id}/accept`, { key: `${name}-accept` })
    await insist(tools, `/tickets/${ticket.id}/close`, { key: `${name}-close` })
  }
  const merge = (from: Which, into: Which): Promise<unknown> =>
    insist(tools, `/contacts/${contacts[from]}/merge`, {
      body: { intoId: contacts[into] },
      key: `${name}-${from}-into-${into}`,
    })
  await merge('a', 'b')
  written.push(await writeAs(tools, name, 'a', 2))
  await merge('b', 'c')
  for (const which of NUMBERS) written.push(await writeAs(tools, name, which, 3))
  if (ends === 'parted') await insist(tools, `/contacts/${contacts.b}/unmerge`, { key: `${name}-unmerge` })
  if (ends === 'erased') {
    await strayLetter(tools, numberOf(name, 'c'), name)
    await insist(tools, `/contacts/${contacts.c}/erase`, { key: `${name}-erase` })
  }
  return { name, ends, contacts, written }
}

/** Waits until what follows from merges and erasures has been done for everything that was decided before. */
export const afterReactions = async (tools: Tools): Promise<void> => {
  const { api } = tools.app
  // What follows may decide something of which more follows: an erased person's other contacts.
  for (const round of [1, 2, 3]) {
    const [goes, stays] = await Promise.all(
      ['goes', 'stays'].map(what => api.post('/contacts', { name: `Marker ${round} ${what}` })),
    )
    await api.post(`/contacts/${goes!.id}/merge`, { intoId: stays!.id })
    await told(tools, goes!.id, 'contact.mergeCompleted')
    await api.post(`/contacts/${stays!.id}/erase`)
    for (const { id } of [goes!, stays!]) await told(tools, id, 'contact.erasureCompleted')
  }
}

const told = (tools: Tools, contactId: string, type: string): Promise<unknown> =>
  until(
    `${type} of a marker`,
    async () =>
      (await tools.app.api.get<{ items: { type: string }[] }>(`/contacts/${contactId}/history`)).items.some(
        fact => fact.type === type,
      ),
    WAIT_MS_MAX,
  )

export const isErased = async (tools: Tools, id: string): Promise<boolean> =>
  (await tools.app.api.get<Contact>(`/contacts/${id}`)).erased === true
