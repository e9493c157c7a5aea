import { Route, MemoryRouter, createMemoryHistory } from '@solidjs/router'
import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Contact, HistoryEntry } from '../../api/index.ts'
import { setLocale } from '../../i18n/index.ts'
import { signIn } from '../../stores/auth.ts'
import { forgetContacts } from '../../stores/contacts.ts'
import { answerFetch, type Asked } from '../../testing/fake-fetch.ts'
import { aTicket, signedInAs } from '../../testing/samples.ts'
import MergeContact from './merge-contact.tsx'
import SamePerson from './same-person.tsx'
import { en } from './words/en.ts'
import { es } from './words/es.ts'
import { pt } from './words/pt.ts'

const aContact = (change: Partial<Contact>): Contact => ({
  id: 'maria',
  name: 'Maria',
  phone: '5511987654321',
  email: null,
  isGroup: false,
  blocked: false,
  addresses: [],
  revision: 1,
  createdAt: '2026-03-01T12:00:00.000Z',
  updatedAt: '2026-03-01T12:00:00.000Z',
  ...change,
})
const mimi = aContact({ id: 'mimi', name: 'Mimi', phone: null, createdAt: '2026-02-01T12:00:00.000Z' })
const maria = aContact({})

const shown = (what: () => unknown) => {
  const history = createMemoryHistory()
  render(() => (
    <MemoryRouter history={history}>
      <Route path="*" component={() => what() as never} />
    </MemoryRouter>
  ))
  return history
}
const served = (contacts: readonly Contact[], role: Parameters<typeof signedInAs>[0] = 'supervisor') => {
  const entry: Partial<HistoryEntry> = {
    id: 'e1',
    type: 'contact.merged',
    at: '2026-03-01T12:00:00.000Z',
    actor: { kind: 'user', id: 'u', name: 'Ana' },
    data: { reason: 'user' },
  }
  return answerFetch(({ path, method, query }) => {
    if (path.endsWith('/login')) return signedInAs(role)
    if (path.endsWith('/history')) return { body: { items: [entry], nextCursor: null } }
    if (method === 'POST') return { body: { id: 'mimi', revision: 2, duplicate: false } }
    if (path.endsWith('/tickets')) {
      const id = query.get('contactId') ?? ''
      const ticket = aTicket({ id: `t-${id}`, number: id === 'maria' ? 7 : 9, status: 'open' })
      return { body: { items: [ticket], nextCursor: null } }
    }
    if (path.endsWith('/contacts')) return { body: { items: contacts, nextCursor: null } }
    return { body: contacts.find(({ id }) => path.endsWith(`/${id}`)) }
  })
}
const signIntoIt = () => signIn({ email: 'a@example.com', password: 'a-long-password' } as never)
const posts = (all: readonly Asked[]) =>
  all.filter(({ method, path }) => method === 'POST' && path.includes('/contacts/'))

beforeEach(() => setLocale('en'))
afterEach(() => {
  cleanup()
  forgetContacts()
})

test('who is the same person is searched for, what comes of it is said, and the chosen one stays', async () => {
  const asked = served([maria, mimi])
  await signIntoIt()
  const close = vi.fn<() => void>()
  const history = shown(() => <MergeContact contact={mimi} onClose={close} />)
  const [found, ...others] = await screen.findAllByTestId('same-found')
  expect(others).toEqual([])
  fireEvent.click(found!)
  const says = await screen.findByTestId('same-says')
  // The one with a number is proposed.
  expect(says.textContent).toContain('Maria is shown for both; Mimi disappears')
  await vi.waitFor(() => expect(says.textContent).toContain('#9 / #7'))
  fireEvent.click(screen.getAllByTestId('same-stays')[0]!)
  expect(says.textContent).toContain('Mimi is shown for both; Maria disappears')
  fireEvent.click(screen.getAllByTestId('same-stays')[1]!)
  fireEvent.click(screen.getByText(en['same.confirm']))
  await vi.waitFor(() => expect(close).toHaveBeenCalled())
  expect(posts(asked)).toMatchObject([{ path: '/api/v1/contacts/mimi/merge', body: { intoId: 'maria' } }])
  expect(history.get()).toBe('/contacts/maria')
})

test('a merged contact says whom it belongs to, and is separated after the consequences were said', async () => {
  const asked = served([maria, { ...mimi, mergedInto: 'maria' }])
  await signIntoIt()
  shown(() => <SamePerson contact={{ ...mimi, mergedInto: 'maria' }} />)
  expect((await screen.findByTestId('contact-merged-into')).textContent).toContain('The same person as Maria')
  expect(screen.queryByTestId('contact-same')).toBeNull()
  fireEvent.click(screen.getByTestId('contact-unmerge'))
  expect((await screen.findByText(/stays with Maria/)).textContent).toContain('addresses and earlier tickets')
  const confirm = screen.getAllByText(en.unmerge).at(-1)
  fireEvent.click(confirm!)
  await vi.waitFor(() => expect(posts(asked)).toMatchObject([{ path: '/api/v1/contacts/mimi/unmerge' }]))
})

test('the contact that stands for others names them, and its history says who said so', async () => {
  served([maria, mimi])
  await signIntoIt()
  shown(() => <SamePerson contact={{ ...maria, merged: [{ id: 'mimi', name: 'Mimi', phone: null }] }} />)
  expect((await screen.findByTestId('contact-also')).textContent).toContain('Mimi')
  fireEvent.click(screen.getByTestId('contact-history'))
  const line = await screen.findByTestId('contact-past')
  expect(line.textContent).toContain(en['contact.merged.user'])
  expect(line.textContent).toContain('by Ana')
})

test('an agent sees whom a contact stands for, and changes nothing', async () => {
  served([maria], 'agent')
  await signIntoIt()
  shown(() => <SamePerson contact={{ ...maria, merged: [{ id: 'mimi', name: 'Mimi', phone: null }] }} />)
  expect(await screen.findByTestId('contact-also')).toBeTruthy()
  for (const id of ['contact-unmerge', 'contact-same', 'contact-history'])
    expect(screen.queryByTestId(id), id).toBeNull()
})

const names = (text: string): string[] =>
  [...text.matchAll(/\{\{ (\w+) \}\}/g)].map(match => match[1] ?? '').sort()
test.each([
  ['pt', pt],
  ['es', es],
])('every text is there and names what the English one names: %s', (_, words) => {
  for (const [key, text] of Object.entries(en))
    expect([...new Set(names(words[key as keyof typeof en]))], key).toEqual([...new Set(names(text))])
})
