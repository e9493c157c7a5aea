import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch, type Asked } from '../../testing/fake-fetch.ts'
import type { Created } from './channel-form.tsx'
import { ConnectWizard } from './connect-wizard.tsx'

let asked: Asked[]
let offered: { status?: number; body: unknown }
beforeEach(async () => {
  offered = { body: { items: [{ provider: 'simulator' }, { provider: 'baileys' }] } }
  asked = answerFetch(({ method, path }) => {
    if (path === '/api/v1/channels') return offered
    return method === 'GET'
      ? { body: { items: [], nextCursor: null } }
      : { body: { id: 'made', revision: 0, position: '1' } }
  })
  await setLocale('en')
})
afterEach(cleanup)

test('a channel is chosen, named and started; the focus goes along', async () => {
  const onCreated = vi.fn<(created: Created) => void>()
  render(() => <ConnectWizard onClose={() => undefined} onCreated={onCreated} />)
  fireEvent.click(await screen.findByTestId('connect-baileys'))
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')))
  fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Sales' } })
  fireEvent.submit(screen.getByTestId('channel-form'))
  await vi.waitFor(() =>
    expect(onCreated).toHaveBeenCalledWith({ id: 'made', provider: 'baileys', verifyToken: '' }),
  )
  const posts = asked.filter(({ method }) => method === 'POST')
  expect(posts.map(({ path }) => path)).toEqual(['/api/v1/sessions', '/api/v1/sessions/made/start'])
  expect(posts[0]?.body).toMatchObject({ name: 'Sales', provider: 'baileys', settings: {} })
})

test('only the channels that this server has are offered, in our order, the first with the focus', async () => {
  render(() => <ConnectWizard onClose={() => undefined} onCreated={() => undefined} />)
  const first = await screen.findByTestId('connect-baileys')
  const choices = [...screen.getByTestId('channel-choice').querySelectorAll('button')]
  expect(choices.map(({ dataset }) => dataset['testid'])).toEqual(['connect-baileys', 'connect-simulator'])
  await vi.waitFor(() => expect(document.activeElement).toBe(first))
})

test('when they cannot be asked for, it says why, with another try', async () => {
  const { body } = offered
  offered = { status: 500, body: { status: 500, code: 'internal', title: '', detail: '' } }
  render(() => <ConnectWizard onClose={() => undefined} onCreated={() => undefined} />)
  const retry = await screen.findByText('Try again')
  offered = { body }
  fireEvent.click(retry)
  expect(await screen.findByTestId('connect-simulator')).toBeTruthy()
})

test('Escape closes it, at either step', async () => {
  const onClose = vi.fn<() => void>()
  render(() => <ConnectWizard onClose={onClose} onCreated={() => undefined} />)
  fireEvent.click(await screen.findByTestId('connect-baileys'))
  const name = await screen.findByLabelText('Name')
  await vi.waitFor(() => expect(document.activeElement).toBe(name))
  fireEvent.keyDown(name, { key: 'Escape' })
  expect(onClose).toHaveBeenCalledOnce()
})
