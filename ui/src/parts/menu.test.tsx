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
const focused = () => document.activeElement?.textContent

test('the arrows walk the menu round, Home and End go to its ends', () => {
  const { button } = show()
  button.focus()
  press('ArrowDown')
  expect(button.getAttribute('aria-expanded')).toBe('true')
  expect(focused()).toBe('Light')
  press('ArrowUp')
  expect(focused()).toBe('Log out')
  press('ArrowDown')
  expect(focused()).toBe('Light')
  press('End')
  expect(focused()).toBe('Log out')
})

test('Escape closes it, gives focus back, and goes no further', () => {
  const { button } = show()
  const outside = vi.fn<() => void>()
  document.addEventListener('keydown', outside)
  fireEvent.click(button)
  press('Escape')
  document.removeEventListener('keydown', outside)
  expect(screen.queryByRole('menu')).toBeNull()
  expect(document.activeElement).toBe(button)
  expect(outside).not.toHaveBeenCalled()
})

test('a choice runs once and closes; the chosen one says so; a press outside closes without one', () => {
  const { button, run } = show()
  fireEvent.click(button)
  expect(screen.getByRole('menuitemradio', { name: 'Light' }).getAttribute('aria-checked')).toBe('true')
  fireEvent.click(screen.getByText('Dark'))
  expect(run).toHaveBeenCalledOnce()
  expect(screen.queryByRole('menu')).toBeNull()
  fireEvent.click(button)
  fireEvent.pointerDown(document.body)
  expect(screen.queryByRole('menu')).toBeNull()
})
