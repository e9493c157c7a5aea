import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../i18n/index.ts'
import { answerFetch, type Asked } from '../testing/fake-fetch.ts'
import Company from './company.tsx'
import { en } from './company/words/en.ts'
import { es } from './company/words/es.ts'
import { pt } from './company/words/pt.ts'

const MIB = 1024 * 1024
let settings: object
let asked: Asked[]
const patches = () => asked.filter(({ method }) => method === 'PATCH').map(({ body }) => body)

beforeEach(async () => {
  settings = {
    inboundMediaBytesMax: null,
    outboundMediaBytesMax: 1.5 * MIB,
    tellTooLarge: true,
    largeFilesAsLinks: true,
    bounds: { mediaBytesMin: 64 * 1024, mediaBytesMax: 100 * MIB },
  }
  asked = answerFetch(({ method, body }) => {
    if (method === 'PATCH') settings = { ...settings, ...(body as object) }
    return { body: method === 'PATCH' ? { id: 'c', revision: 1, position: 'p' } : settings }
  })
  await setLocale('en')
})
afterEach(cleanup)

const field = (name: string) => screen.findByTestId<HTMLInputElement>(`limit-${name}`)
const save = () => fireEvent.submit(screen.getByRole('button', { name: 'Save' }).closest('form')!)

test('limits are shown in MB; a change is sent in bytes, and empty is what the server takes', async () => {
  render(() => <Company />)
  expect((await field('inbound')).value).toBe('')
  expect((await field('outbound')).value).toBe('1.5')
  fireEvent.input(await field('inbound'), { target: { value: '16' } })
  fireEvent.input(await field('outbound'), { target: { value: '' } })
  for (const box of screen.getAllByRole('checkbox')) fireEvent.click(box)
  save()
  await vi.waitFor(() =>
    expect(patches()).toEqual([
      {
        inboundMediaBytesMax: 16 * MIB,
        outboundMediaBytesMax: null,
        tellTooLarge: false,
        largeFilesAsLinks: false,
      },
    ]),
  )
  await vi.waitFor(async () => expect((await field('inbound')).value).toBe('16'))
})

test.each(['200', 'many', '0'])('%s is refused at the field, saying the bounds', async value => {
  render(() => <Company />)
  fireEvent.input(await field('outbound'), { target: { value } })
  save()
  expect(await screen.findByText(/From 64 kB to 100 MB/)).toBeTruthy()
  expect((await field('outbound')).getAttribute('aria-invalid')).toBe('true')
  expect(patches()).toEqual([])
})

const names = (text: string): string[] =>
  [...text.matchAll(/\{\{ (\w+) \}\}/g)].map(match => match[1] ?? '').sort()
test.each([
  ['pt', pt],
  ['es', es],
])('every text is there and names what the English one names: %s', (_, words) => {
  for (const [key, text] of Object.entries(en))
    expect(names(words[key as keyof typeof en]), key).toEqual(names(text))
})
