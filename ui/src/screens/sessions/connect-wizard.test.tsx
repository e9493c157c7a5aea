import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLocale } from '../../i18n/index.ts'
import { answerFetch, type Asked } from '../../testing/fake-fetch.ts'
import type { Created } from './channel-form.tsx'
import { ConnectWizard } from './connect-wizard.tsx'

let asked: Asked[]
beforeEach(async () => {
  asked = answerFetch(({ method }) =>
    method === 'GET'
      ? { body: { items: [], nextCursor: null } }
      : { body: { id: 'made', revision: 0, position: '1' } },
  )
  await setLocale('en')
})
afterEach(cleanup)

test('a channel is chosen, named and started; the focus goes along', async () => {
  const onCreated = vi.fn<(created: Created) => void>()
  render(() => <ConnectWizard onClose={() => undefined} onCreated={onCreated} />)
  fireEvent.click(screen.getByTestId('connect-baileys'))
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
