import type { RecordedEvent, RecordedOf } from '../events/all.ts'
import type { MediaStore } from '../media/port.ts'
import type { FilledButton, OutboundContent, OutboundMedia } from '../providers/provider.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { ChannelReads } from './channel-reads.ts'

/** What a channel is given, or why there is nothing to give: a code that the UI knows. */
type Made = OutboundContent | { readonly missing: 'erased' | 'media-gone' | 'target-not-sent' | 'unreadable' }

type Place = { readonly company: CompanyId; readonly ticketId: string; readonly isGroup: boolean }
type Tools = { readonly reads: Pick<ChannelReads, 'messageKey'>; readonly media: Pick<MediaStore, 'get'> }

/** The content of the fact that queued something, as the provider port says it. */
export const outboundContent = async (
  fact: RecordedEvent | null,
  place: Place,
  tools: Tools,
): Promise<Made> => {
  if (fact?.type === 'message.actionQueued') return actionContent(fact, place, tools)
  if (fact?.type !== 'message.queued') return { missing: 'unreadable' }
  const { kind, personal } = fact.data
  if (!personal) return { missing: 'erased' }
  const { body, linkText, location, contacts, interactive, template } = personal
  if (fact.data.link && linkText !== undefined) return { kind: 'text', body: linkText }
  switch (kind) {
    case 'text':
      return { kind, body }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker': {
      const media = await mediaOf(fact, tools)
      return media ? { kind, media, body } : { missing: 'media-gone' }
    }
    case 'location':
      return location ? { kind, ...placeOf(location) } : { missing: 'unreadable' }
    case 'contacts':
      return contacts ? { kind, cards: contacts.map(cardOf) } : { missing: 'unreadable' }
    case 'interactive':
      return interactive ? { kind, body, choices: choicesOf(interactive) } : { missing: 'unreadable' }
    case 'template':
      return template ? templateOf(fact, template, body, tools) : { missing: 'unreadable' }
    case 'unsupported':
    case 'undecryptable':
      return { missing: 'unreadable' }
  }
}

const actionContent = async (
  { data }: RecordedOf<'message.actionQueued'>,
  { company, ticketId, isGroup }: Place,
  { reads }: Tools,
): Promise<Made> => {
  const { messageId, action, personal } = data
  if (!personal) return { missing: 'erased' }
  const target = await reads.messageKey(company, ticketId, messageId, isGroup)
  if (!target) return { missing: 'target-not-sent' }
  const { emoji = '', body = '' } = personal
  switch (action) {
    case 'reaction':
      return { kind: action, target, emoji }
    case 'edit':
      return { kind: action, target, body }
    case 'revoke':
      return { kind: action, target }
  }
}

/** Looked for before the channel is asked for anything; read only while it is sent, and anew each time. */
const mediaOf = async (
  { data, meta }: RecordedOf<'message.queued'>,
  { media: store }: Tools,
): Promise<OutboundMedia | null> => {
  const { media, personal } = data
  const key = media?.key
  // What another company keeps is not this one's to send, whatever a fact says.
  if (!media || key === undefined || !key.startsWith(`${meta.companyId}/`)) return null
  const found = await store.get(key)
  if (!found) return null
  const open = async (): Promise<AsyncIterable<Uint8Array>> => {
    const file = await store.get(key)
    if (!file) throw new Error(`the file ${key} is gone`)
    return file.bytes
  }
  return {
    mime: media.mime,
    size: media.size ?? found.info.size,
    sha256: media.sha256 ?? key.slice(key.indexOf('/') + 1),
    ...(personal?.mediaName === undefined ? {} : { name: personal.mediaName }),
    ...(media.seconds === undefined ? {} : { seconds: media.seconds }),
    open,
  }
}

type Personal = NonNullable<RecordedOf<'message.queued'>['data']['personal']>

type Template = NonNullable<Personal['template']>
const templateOf = async (
  fact: RecordedOf<'message.queued'>,
  { name, language, parameters, header, buttons }: Template,
  body: string,
  tools: Tools,
): Promise<Made> => {
  const said = { kind: 'template' as const, name, language, parameters, body }
  const all = buttons ? { ...said, buttons: buttons.map(buttonOf) } : said
  switch (header?.type) {
    case undefined:
      return all
    case 'text': {
      const { type, text, parameter } = header
      return { ...all, header: { type, text, ...(parameter === undefined ? {} : { parameter }) } }
    }
    case 'location':
      return { ...all, header: { type: header.type, ...placeOf(header) } }
    case 'image':
    case 'video':
    case 'document': {
      const media = await mediaOf(fact, tools)
      return media ? { ...all, header: { type: header.type, media } } : { missing: 'media-gone' }
    }
  }
}

const buttonOf = ({
  type,
  text,
  value,
  parameter,
}: NonNullable<Template['buttons']>[number]): FilledButton => ({
  type,
  text,
  ...(value === undefined ? {} : { value }),
  ...(parameter === undefined ? {} : { parameter }),
})

const placeOf = ({ latitude, longitude, name, address }: NonNullable<Personal['location']>) => ({
  latitude,
  longitude,
  ...(name === undefined ? {} : { name }),
  ...(address === undefined ? {} : { address }),
})

const cardOf = ({ name, phones, emails, organisation }: NonNullable<Personal['contacts']>[number]) => ({
  name,
  phones,
  ...(emails === undefined ? {} : { emails }),
  ...(organisation === undefined ? {} : { organisation }),
})

type Choices = Extract<OutboundContent, { kind: 'interactive' }>['choices']
const choicesOf = (choices: NonNullable<Personal['interactive']>): Choices =>
  choices.type === 'buttons'
    ? choices
    : {
        ...choices,
        sections: choices.sections.map(({ title, rows }) => ({
          title,
          rows: rows.map(({ id, title: row, description }) => ({
            id,
            title: row,
            ...(description === undefined ? {} : { description }),
          })),
        })),
      }
