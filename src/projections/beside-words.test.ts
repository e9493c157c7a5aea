import { expect, test } from 'vitest'
import type { RecordedEvent } from '../events/all.ts'
import { newId } from '../shared/ids.ts'
import { besideWords, type BesideWords } from './beside-words.ts'
import { step } from './define.ts'

const conversationId = newId<string>()
const companyId = newId<string>()
const messageId = newId<string>()
const AT = '2026-03-02T12:00:00.000Z'

const fact = (type: RecordedEvent['type'], data: object): RecordedEvent =>
  ({
    type,
    stream: `conversation-${companyId}.${conversationId}`,
    data: { messageId, ...data },
    meta: { companyId, at: AT },
  }) as unknown as RecordedEvent
const arrived = (kind: string, body: string) =>
  fact('message.received', { kind, sentAt: AT, receivedAt: AT, late: false, personal: { body } })
const folded = (...facts: RecordedEvent[]): BesideWords | undefined =>
  facts.reduce<BesideWords | undefined>(
    (row, one) => step(besideWords, row, one, { ticket: undefined, conversation: undefined }),
    undefined,
  )

test('what says nothing takes no room, and what says something is found by it', () => {
  expect(folded(arrived('sticker', ''))).toBeUndefined()
  expect(folded(arrived('text', 'hello'))).toMatchObject({ id: messageId, conversation_id: conversationId })
})

test('what could not be opened at first is found by its words once it is', () => {
  const hello = folded(arrived('text', 'hello'))
  const opened = fact('message.deciphered', { kind: 'text', personal: { body: 'hello' } })
  expect(besideWords.keyOf(opened)).toBe(messageId)
  expect(folded(arrived('undecryptable', ''), opened)).toEqual(hello)
})
