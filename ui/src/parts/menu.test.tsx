import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library'
import { afterEach, expect, test, vi } from 'vitest'
import { Menu } from './menu.tsx'

afterEach(cleanup)
const show = () => {
  const run = vi.fn<() => void>()
  const items = [
    { label: 'Light', checked: true, run: () => undefined },
    { label: 'Dark', checked: false, run },
    'line' as const,
    { label: 'Log out', run: () => undefined },
  ]
  render(() => <Menu label="More" trigger="…" items={items} />)
  return { button: screen.getByRole('button', { name: 'More' }), run }
}
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key })
const pressed = (button: HTMLElement) => fireEvent.pointerDown(button, { button: 0 })
const touchUp = () =>
  Object.assign(new MouseEvent('pointerup', { bubbles: true, button: 0 }), { pointerType: 'touch' })
const focused = () => document.activeElement?.textContent

test('the arrows walk the menu round, Home and End go to its ends', async () => {
  const { button } = show()
  button.focus()
  press('ArrowDown')
  expect(button.getAttribute('aria-expanded')).toBe('true')
  await vi.waitFor(() => expect(focused()).toBe('Light'))
  press('ArrowUp')
  expect(focused()).toBe('Log out')
  press('ArrowDown')
  expect(focused()).toBe('Light')
  press('End')
  expect(focused()).toBe('Log out')
  press('Home')
  expect(focused()).toBe('Light')
})

test('Escape closes it, gives focus back, and means nothing more', async () => {
  const { button } = show()
  const outside = vi.fn<(event: KeyboardEvent) => void>()
  button.focus()
  press('ArrowDown')
  await vi.waitFor(() => expect(focused()).toBe('Light'))
  addEventListener('keydown', outside)
  press('Escape')
  removeEventListener('keydown', outside)
  expect(outside.mock.calls[0]?.[0].defaultPrevented).toBe(true)
  await vi.waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  await vi.waitFor(() => expect(document.activeElement).toBe(button))
})

test('a choice runs once and closes; the chosen one says so', async () => {
  const { button, run } = show()
  pressed(button)
  expect(screen.getByRole('menuitemradio', { name: 'Light' }).getAttribute('aria-checked')).toBe('true')
  fireEvent.pointerUp(screen.getByText('Dark'), { button: 0 })
  fireEvent.click(button)
  expect(run).toHaveBeenCalledOnce()
  await vi.waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  expect(document.activeElement).toBe(button)
})

test('a finger picks by its click, which then hits nothing below', async () => {
  const { button, run } = show()
  pressed(button)
  const row = screen.getByText('Dark')
  fireEvent(row, touchUp())
  expect(run).not.toHaveBeenCalled()
  fireEvent.click(row)
  expect(run).toHaveBeenCalledOnce()
  await vi.waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
})
