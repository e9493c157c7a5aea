import type { ContactCard, OutboundContent } from '../provider.ts'

type Choices = (OutboundContent & { kind: 'interactive' })['choices']
/** What Meta has; edits and revokes it has not, and capabilities say so. */
export type CloudContent = Exclude<OutboundContent, { kind: 'edit' | 'revoke' }>

/** A template's places may have names instead of numbers; then each parameter says its name. */
export type PlaceNames = readonly string[] | null

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
      return { type: 'template', template: templateOf(content, placeNames) }
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

const templateOf = (content: CloudContent & { kind: 'template' }, placeNames: PlaceNames): object => ({
  name: content.name,
  language: { code: content.language },
  ...(content.parameters.length === 0
    ? {}
    : {
        components: [
          {
            type: 'body',
            parameters: content.parameters.map((text, index) => ({
              type: 'text',
              ...present({ parameter_name: placeNames?.[index] }),
              text,
            })),
          },
        ],
      }),
})
