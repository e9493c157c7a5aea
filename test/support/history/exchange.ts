import type { DomainEvent } from '../../../src/events/all.ts'
import type { FactActor } from '../../../src/events/define.ts'
import { say, type Person, type Said } from './cast.ts'
import type { Chance } from './chance.ts'
import { sentence } from './text.ts'

/** Messages of one ticket as facts. Times are milliseconds since the Unix epoch. */

const DAY_MS = 86_400_000
const sender: FactActor = { kind: 'system', id: 'sender' }

type Media = {
  readonly key?: string
  readonly mime: string
  readonly size: number
  readonly atChannel?: boolean
}
type Options = {
  readonly at: number
  /** An earlier message of the ticket that it may answer. */
  readonly quoted: string | undefined
  /** Left as it is while it waits: queued, or with media still to be fetched. */
  readonly unfinished: boolean
}
export type Told = { readonly messageId: string; readonly said: Said[] }

/** The customer writes; one in twelve sends a picture, which is fetched at once. */
export const customerWrites = (chance: Chance, person: Person, options: Options): Told => {
  const messageId = chance.uuid()
  const time = new Date(options.at).toISOString()
  const picture = options.unfinished || chance.is(0.08)
  const media: Media = { mime: 'image/jpeg', size: 20_000 + chance.below(400_000) }
  const actor: FactActor = { kind: 'contact', id: person.contactId }
  const said = [
    say(chance, options.at, actor, {
      type: 'message.received',
      data: {
        messageId,
        authorId: person.contactId,
        kind: picture ? 'image' : 'text',
        sentAt: time,
        receivedAt: time,
        late: false,
        ...(options.quoted ? { quotedMessageId: options.quoted } : {}),
        ...(picture ? { media: { ...media, atChannel: true } } : {}),
        personal: {
          body: picture && chance.is(0.7) ? '' : sentence(chance),
          providerMessageId: `IN.${messageId}`,
        },
      },
    }),
  ]
  if (picture && !options.unfinished)
    said.push(
      say(
        chance,
        options.at + 900,
        { kind: 'channel', id: person.sessionId },
        {
          type: 'message.mediaStored',
          data: { messageId, media: { ...media, key: `large/${messageId}` } },
        },
      ),
    )
  return { messageId, said }
}

/** How a message of ours ends, by chance: nearly all are read. */
const outcome = (chance: Chance, person: Person, messageId: string, at: number): Said[] => {
  const channel: FactActor = { kind: 'channel', id: person.sessionId }
  const tell = (ms: number, actor: FactActor, fact: DomainEvent): Said => say(chance, at + ms, actor, fact)
  const sending = tell(40, sender, { type: 'message.sending', data: { messageId, attempt: 1, fence: '2' } })
  if (chance.is(0.005))
    return [
      sending,
      tell(90, sender, {
        type: 'message.failed',
        data: { messageId, reason: 'no such number', retryable: false },
      }),
    ]
  const delivered = new Date(at + 700).toISOString()
  const read = new Date(at + 9_000).toISOString()
  return [
    sending,
    tell(80, sender, {
      type: 'message.sent',
      data: { messageId, personal: { providerMessageId: `OUT.${messageId}` } },
    }),
    tell(700, channel, { type: 'message.delivered', data: { messageId, at: delivered } }),
    ...(chance.is(0.85)
      ? [tell(9_000, channel, { type: 'message.read', data: { messageId, at: read } })]
      : []),
  ]
}

/** An agent answers, and the channel tells how far it got. */
export const agentAnswers = (chance: Chance, person: Person, userId: string, options: Options): Told => {
  const messageId = chance.uuid()
  const queued = say(
    chance,
    options.at,
    { kind: 'user', id: userId },
    {
      type: 'message.queued',
      data: {
        messageId,
        userId,
        kind: 'text',
        deadline: new Date(options.at + DAY_MS).toISOString(),
        ...(options.quoted ? { quotedMessageId: options.quoted } : {}),
        personal: { body: sentence(chance) },
      },
    },
  )
  return {
    messageId,
    said: options.unfinished ? [queued] : [queued, ...outcome(chance, person, messageId, options.at)],
  }
}

/** The company wrote from its own phone. */
export const phoneWrites = (chance: Chance, person: Person, at: number): Told => {
  const messageId = chance.uuid()
  const time = new Date(at).toISOString()
  return {
    messageId,
    said: [
      say(
        chance,
        at,
        { kind: 'channel', id: person.sessionId },
        {
          type: 'message.mirrored',
          data: {
            messageId,
            kind: 'text',
            sentAt: time,
            receivedAt: time,
            late: false,
            rawKey: null,
            personal: { body: sentence(chance), providerMessageId: `DEV.${messageId}` },
          },
        },
      ),
    ],
  }
}

/** Rarely something is done to a message: a reaction, an edit, a revocation. */
export const afterthought = (chance: Chance, person: Person, messageId: string, at: number): Said[] => {
  const actor: FactActor = { kind: 'contact', id: person.contactId }
  const time = new Date(at).toISOString()
  const dice = chance.next()
  if (dice < 0.01)
    return [
      say(chance, at, actor, {
        type: 'message.reacted',
        data: { messageId, authorId: person.contactId, fromMe: false, personal: { emoji: '👍' } },
      }),
    ]
  if (dice < 0.014)
    return [
      say(chance, at, actor, {
        type: 'message.edited',
        data: { messageId, at: time, personal: { body: sentence(chance) } },
      }),
    ]
  if (dice < 0.02) return [say(chance, at, actor, { type: 'message.revoked', data: { messageId, at: time } })]
  return []
}
