import type { ContactCard, FilledButton, FilledHeader, OutboundContent } from '../provider.ts'

type Choices = (OutboundContent & { kind: 'interactive' })['choices']
/** What Meta has; edits and revokes it has not, and capabilities say so. */
export type CloudContent = Exclude<OutboundContent, { kind: 'edit' | 'revoke' }>

/** A template's places may have names instead of numbers; then each parameter says its name. */
export type PlaceNames = { readonly body: readonly string[] | null; readonly header: string | undefined }

/** The part of a message that stands under the name of its type. `mediaId`: of the uploaded file. */
export const messageBody = (content: CloudContent, mediaId: string, placeNames: PlaceNames): object => {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: { body: content.body, preview_url: false } }
    case 'location': {
      const { latitude, longitude, name, address } = content
      return { type: 'location', location: { latitude, longitude, ...present({ name, address }) } }
    }
    case 'contacts':
      return { type: 'contacts', contacts: content.cards.map(cardOf) }
    case 'interactive':
      return {
        type: 'interactive',
        interactive: { body: { text: content.body }, ...choicesOf(content.choices) },
      }
    case 'template':
      return { type: 'template', template: templateOf(content, mediaId, placeNames) }
    case 'reaction':
      return {
        type: 'reaction',
        reaction: { message_id: content.target.providerMessageId, emoji: content.emoji },
      }
    case 'voice':
      return { type: 'audio', audio: { id: mediaId, voice: true } }
    case 'document':
      return {
        type: 'document',
        document: { id: mediaId, ...present({ caption: content.body, filename: content.media.name }) },
      }
    case 'image':
    case 'video':
      return { type: content.kind, [content.kind]: { id: mediaId, ...present({ caption: content.body }) } }
    case 'audio':
    case 'sticker':
      return { type: content.kind, [content.kind]: { id: mediaId } }
  }
}

/** Meta refuses empty words; what is empty is left out. */
const present = (words: Readonly<Record<string, string | undefined>>): object =>
  Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined && word !== ''))

const cardOf = ({ name, phones, emails, organisation }: ContactCard): object => ({
  name: { formatted_name: name, first_name: name.split(/\s+/)[0] || name },
  phones: phones.map(phone => ({ phone })),
  ...(emails?.length ? { emails: emails.map(email => ({ email })) } : {}),
  ...(organisation ? { org: { company: organisation } } : {}),
})

const choicesOf = (choices: Choices): object =>
  choices.type === 'buttons'
    ? {
        type: 'button',
        action: {
          buttons: choices.buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })),
        },
      }
    : {
        type: 'list',
        action: {
          button: choices.button,
          sections: choices.sections.map(({ title, rows }) => ({
            ...present({ title }),
            rows: rows.map(({ id, title: shown, description }) => ({
              id,
              title: shown,
              ...present({ description }),
            })),
          })),
        },
      }

const templateOf = (
  content: CloudContent & { kind: 'template' },
  mediaId: string,
  names: PlaceNames,
): object => {
  const header = content.header ? headerParameter(content.header, mediaId, names.header) : null
  const components = [
    ...(header ? [{ type: 'header', parameters: [header] }] : []),
    ...(content.parameters.length === 0
      ? []
      : [
          {
            type: 'body',
            parameters: content.parameters.map((text, index) => ({
              type: 'text',
              ...present({ parameter_name: names.body?.[index] }),
              text,
            })),
          },
        ]),
    ...(content.buttons ?? []).flatMap((button, index) => {
      const filled = buttonParameter(button)
      return filled
        ? [{ type: 'button', sub_type: filled.subType, index: String(index), parameters: [filled.parameter] }]
        : []
    }),
  ]
  return {
    name: content.name,
    language: { code: content.language },
    ...(components.length === 0 ? {} : { components }),
  }
}

/** `null`: a header that is as it is. */
const headerParameter = (header: FilledHeader, mediaId: string, name: string | undefined): object | null => {
  switch (header.type) {
    case 'text':
      return header.parameter === undefined
        ? null
        : { type: 'text', ...present({ parameter_name: name }), text: header.parameter }
    case 'location': {
      const { latitude, longitude, name: called, address } = header
      // Here, and only here, Meta writes numbers as text.
      const at = { latitude: String(latitude), longitude: String(longitude) }
      return { type: 'location', location: { ...at, ...present({ name: called, address }) } }
    }
    case 'document':
      return { type: 'document', document: { id: mediaId, ...present({ filename: header.media.name }) } }
    case 'image':
    case 'video':
      return { type: header.type, [header.type]: { id: mediaId } }
  }
}

/** What Meta takes where nobody gave a flow a token. */
const FLOW_TOKEN = 'unused'

/** `null`: a button that is as it is. */
const buttonParameter = ({
  type,
  parameter,
}: FilledButton): { readonly subType: string; readonly parameter: object } | null => {
  switch (type) {
    case 'phone':
      return null
    case 'flow':
      return {
        subType: 'flow',
        parameter: { type: 'action', action: { flow_token: parameter ?? FLOW_TOKEN } },
      }
    case 'quick-reply':
      return parameter === undefined
        ? null
        : { subType: 'quick_reply', parameter: { type: 'payload', payload: parameter } }
    case 'copy-code':
      return { subType: 'copy_code', parameter: { type: 'coupon_code', coupon_code: parameter } }
    case 'url':
    case 'otp':
      return parameter === undefined ? null : { subType: 'url', parameter: { type: 'text', text: parameter } }
  }
}
