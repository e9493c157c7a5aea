import { describe, expect, test } from 'vitest'
import type { Capabilities } from '../../providers/provider.ts'
import { EVERYTHING } from '../../../test/support/capabilities.ts'
import { contentLimits, kindRefusal, windowRefusal } from './channel-limits.ts'
import { contentRefusal, type AskedContent, type Content } from './content.ts'

const limits = (
  change: Partial<Capabilities> = {},
  lastInboundAt: string | null = null,
  windowHours: number | null = null,
) => ({ capabilities: { ...EVERYTHING, ...change }, windowHours, lastInboundAt })
const file = { key: 'company/sha', mime: 'image/png', size: 100, sha256: 'sha' }
const picture: Content = { kind: 'image', body: '', media: file }
const NOW = '2026-03-02T12:00:00.000Z'

describe('what a channel cannot carry is refused, naming what', () => {
  const cases: readonly [what: string, Content, Partial<Capabilities>, quotes?: boolean][] = [
    ['kind', { kind: 'location', body: 'here' }, { kinds: ['text'] }],
    ['quote', { kind: 'text', body: 'hello' }, { quotes: false }, true],
    ['length', { kind: 'text', body: 'hello' }, { textLengthMax: 4 }],
    ['caption', { ...picture, body: 'look' }, { captions: ['video'] }],
    ['size', picture, { mediaBytesMax: { image: 99 } }],
    ['type', picture, { mediaTypes: { image: ['image/jpeg'] } }],
  ]
  test.each(cases)('%s', (what, content, change, quotes = false) => {
    expect(contentLimits(limits(change), content, quotes)).toMatchObject({
      refused: 'unsupported-by-channel',
      data: { what, kind: content.kind },
    })
    expect(contentLimits(limits(), content, quotes)).toBeNull()
  })

  const buttons = (...titles: string[]): Content => ({
    ...{ kind: 'interactive', body: 'Sure?' },
    interactive: { type: 'buttons', buttons: titles.map((title, at) => ({ id: `${at}`, title })) },
  })
  const list = (change: object = {}, row: object = {}): Content => ({
    ...{ kind: 'interactive', body: 'Which?' },
    interactive: {
      ...{ type: 'list', button: 'Open' },
      sections: [{ title: 'Days', rows: [{ id: 'mon', title: 'Monday', ...row }] }],
      ...change,
    },
  })
  const few = {
    buttons: { max: 2, titleMax: 3, bodyMax: 5 },
    list: { rowsMax: 1, sectionsMax: 1, titleMax: 6, descriptionMax: 3, openerMax: 4, bodyMax: 6 },
  }
  const two = [{ id: 'a', title: 'A' }].map(row => ({ title: 'B', rows: [row] }))
  test.each<[string, Content, number | undefined, Capabilities['choices']?]>([
    ['too many buttons', buttons('a', 'b', 'c'), 2],
    ['too long a button', buttons('four'), 3],
    ['too long a question', { ...buttons('a'), body: 'Really?' }, 5],
    ['too many rows', list({ sections: [...two, ...two] }), 1],
    ['too long a row', list({}, { title: 'Tuesday' }), 6],
    ['too long a description', list({}, { description: 'long' }), 3],
    ['too long an opener', list({ button: 'Open!' }), 4],
    ['too long a title of a section', list({ sections: [{ title: 'Evenings', rows: two[0]!.rows }] }), 6],
    ['a list, where there are buttons only', list(), undefined, { ...few, list: null }],
  ])('choices: %s', (_name, content, max, choices = few) => {
    const refusal = contentLimits(limits({ choices }), content, false)
    expect(refusal).toMatchObject({
      refused: 'unsupported-by-channel',
      data: { what: 'choices', kind: 'interactive' },
    })
    expect(refusal?.data?.['max']).toBe(max)
    expect(contentLimits(limits(), content, false)).toBeNull()
    expect(
      contentLimits(
        limits({ choices: few }),
        content.interactive?.type === 'list' ? list() : buttons('a'),
        false,
      ),
    ).toBeNull()
  })

  test('a type with any subtype, and one with parameters, are understood', () => {
    for (const [mime, type] of [
      ['image/png', 'image/*'],
      ['audio/ogg; codecs=opus', 'audio/ogg'],
    ] as const)
      expect(
        contentLimits(
          limits({ mediaTypes: { image: [type] } }),
          { ...picture, media: { ...file, mime } },
          false,
        ),
      ).toBeNull()
  })

  test('of a channel that this release does not have nothing is known', () => {
    expect(kindRefusal({ capabilities: null, windowHours: null, lastInboundAt: null }, 'template')).toBeNull()
  })
})

describe('the window', () => {
  test.each([
    ['the customer never wrote', null, true],
    ['a day ago', '2026-03-01T12:00:00.000Z', true],
    ['a moment less', '2026-03-01T12:00:00.001Z', false],
  ])('%s', (_, at, isClosed) => {
    expect(windowRefusal(limits({}, at, 24), 'text', NOW)?.refused).toBe(
      isClosed ? 'window-closed' : undefined,
    )
    expect(windowRefusal(limits({}, at, 24), 'template', NOW)).toBeNull()
    expect(windowRefusal(limits({}, at), 'text', NOW)).toBeNull()
  })
})

describe('a message is one thing', () => {
  const location = { latitude: 1, longitude: 2 }
  const wrong: readonly [string, AskedContent][] = [
    ['nothing', {}],
    ['two things', { location, uploadId: 'x', body: 'a' }],
    ['a kind without a file', { kind: 'image', body: 'a' }],
    ['words with a place', { location, body: 'a' }],
    [
      'choices without a question',
      { interactive: { type: 'buttons', buttons: [{ id: '1', title: 'Yes' }] } },
    ],
  ]
  test.each(wrong)('%s is refused', (_, content) => {
    expect(contentRefusal(content)?.refused).toBe('invalid')
  })
  test('each alone is fine', () => {
    for (const content of [{ body: 'a' }, { location }, { uploadId: 'x' }, { uploadId: 'x', body: 'a' }])
      expect(contentRefusal(content)).toBeNull()
  })
})
