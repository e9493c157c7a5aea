import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Message } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { aMessage } from '../../testing/samples.ts'
import { MessageBody } from './message-body.tsx'

beforeAll(() => setLocale('en'))
afterEach(cleanup)

const file = {
  url: '/api/v1/media/m1',
  mime: 'image/jpeg',
  size: 2048,
  name: 'beach.jpg',
  thumbnailUrl: null,
  tooLarge: false,
  error: null,
}
const show = (change: Partial<Message>) =>
  render(() => <MessageBody message={aMessage({ body: '', ...change })} />)

test('a picture has its box before its bytes, opens large, and Escape closes it', () => {
  show({ kind: 'image', media: { ...file, url: null, width: 400, height: 800 } })
  expect(screen.getByTestId('picture').style.width).toBe('180px')
  cleanup()
  show({ kind: 'image', media: { ...file, width: 400, height: 800 } })
  expect(screen.getByTestId('picture').style.width).toBe('180px')
  fireEvent.click(screen.getByLabelText('Enlarge beach.jpg'))
  expect(screen.getByTestId('lightbox').querySelector('img')?.getAttribute('src')).toBe(file.url)
  fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
  expect(screen.queryByTestId('lightbox')).toBeNull()
})

test('a file of before the link is said to be on the phone, whatever kind it is', () => {
  for (const kind of ['image', 'voice', 'document', 'sticker'] as const) {
    show({ kind, ticketId: null, history: true, media: { ...file, url: null } })
    expect(screen.getByText(/stayed on the phone.* beach\.jpg/)).toBeTruthy()
    expect(screen.queryByTestId('picture')).toBeNull()
    cleanup()
  }
})

test('the thread shows the small picture and opens the whole; where there is none small, the whole is shown', () => {
  const thumbnailUrl = '/api/v1/media/m1/thumbnail'
  show({ kind: 'image', media: { ...file, width: 400, height: 800, thumbnailUrl } })
  const picture = screen.getByAltText('beach.jpg')
  expect(picture.getAttribute('src')).toBe(thumbnailUrl)
  fireEvent.click(screen.getByLabelText('Enlarge beach.jpg'))
  expect(screen.getByTestId('lightbox').querySelector('img')?.getAttribute('src')).toBe(file.url)
  fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
  fireEvent.error(picture)
  expect(screen.getByAltText('beach.jpg').getAttribute('src')).toBe(file.url)
  expect(screen.getByTestId('picture').style.width).toBe('180px')
})

test('a picture that the browser cannot read is offered as a file', () => {
  show({ kind: 'image', media: file })
  fireEvent.error(screen.getByAltText('beach.jpg'))
  expect(screen.getByText('This picture cannot be shown. Download it').getAttribute('href')).toBe(file.url)
})

test('sound says how long it is, and plays faster on demand', () => {
  show({ kind: 'voice', media: { ...file, mime: 'audio/ogg', seconds: 75 } })
  expect(screen.getByText('1:15')).toBeTruthy()
  fireEvent.click(screen.getByLabelText('Speed 1×'))
  expect(screen.getByLabelText('Speed 1.5×')).toBeTruthy()
  expect(document.querySelector('audio')?.playbackRate).toBe(1.5)
})

test('what was too large, failed or is still coming says so', () => {
  show({ kind: 'video', media: { ...file, url: null, tooLarge: true } })
  expect(screen.getByText(/Too large, not fetched/)).toBeTruthy()
  show({ kind: 'document', media: { ...file, url: null, error: 'gone' } })
  expect(screen.getByText(/could not be fetched: gone/)).toBeTruthy()
  show({ kind: 'document', media: { ...file, url: null, error: 'malware-found: Eicar-Test' } })
  expect(screen.getByText('This file was withheld: malware was found (Eicar-Test)')).toBeTruthy()
  show({ kind: 'audio', media: { ...file, url: null } })
  expect(screen.getByText('The file is being fetched…')).toBeTruthy()
})

test('a place leads to a map and a card to its number', () => {
  show({ kind: 'location', body: 'x', details: { latitude: 1, longitude: 2, name: 'Shop' } })
  expect(screen.getByText('Shop').closest('a')?.href).toContain('mlat=1&mlon=2')
  show({ kind: 'contacts', body: 'x', details: { cards: [{ name: 'Ana', phones: ['+55 11 98888-7777'] }] } })
  expect(screen.getByText('Ana').parentElement?.querySelector('a')?.getAttribute('href')).toBe(
    'tel:+5511988887777',
  )
})

test('choices stand below their question, as they were sent; what a customer chose is words', () => {
  const details = {
    type: 'list',
    button: 'Times',
    sections: [{ title: 'Monday', rows: [{ id: '1', title: 'Morning', description: '8 to 12' }] }],
  }
  show({ kind: 'interactive', fromMe: true, body: 'When?', details })
  expect(screen.getByText('When?')).toBeTruthy()
  expect(screen.getByTestId('choices').textContent).toBe('TimesMondayMorning8 to 12')
  cleanup()
  show({ kind: 'interactive', body: 'Morning', details: { type: 'list_reply', id: '1', title: 'Morning' } })
  expect(screen.getByText('Morning')).toBeTruthy()
  expect(screen.queryByTestId('choices')).toBeNull()
})
