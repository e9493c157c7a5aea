import { expect, test } from 'vitest'
import type { MessageKind } from '../events/message.ts'
import { messageView, type MessageWithNames } from './message-view.ts'

/** Of a message with a picture, no more than its view asks for. */
const withPicture = (kind: MessageKind): MessageWithNames =>
  ({
    id: 'one',
    kind,
    deleted_at: null,
    actions: [],
    reactions: [],
    edits: [],
    media: {
      key: 'k',
      mime: 'image/webp',
      size: 90_000,
      name: null,
      tooLarge: false,
      error: null,
      width: 512,
      height: 512,
    },
  }) as Partial<MessageWithNames> as MessageWithNames

test('a picture has a thumbnail, and a sticker, which may move and show through, is shown as it is', () => {
  const may = { personal: true, deleted: false, pricing: false }
  const thumbnailOf = (kind: MessageKind) => messageView(withPicture(kind), may).media?.thumbnailUrl
  expect(thumbnailOf('image')).toBe('/api/v1/media/one/thumbnail')
  expect(thumbnailOf('sticker')).toBeNull()
})
