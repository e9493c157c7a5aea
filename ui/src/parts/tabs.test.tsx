import { fireEvent, render, screen } from '@solidjs/testing-library'
import { createSignal } from 'solid-js'
import { expect, test } from 'vitest'
import { Tabs } from './tabs.tsx'

const NAMES = ['a', 'b', 'c'] as const

function Three() {
  const [chosen, setChosen] = createSignal<(typeof NAMES)[number]>('a')
  return (
    <Tabs label="Tabs" names={NAMES} chosen={chosen()} onChoose={setChosen} panel="panel">
      {name => name}
    </Tabs>
  )
}
const chosenTab = () => screen.getByRole('tab', { selected: true })

test('arrows, Home and End choose and focus, round the ends; Tab stops at the chosen one alone', () => {
  render(() => <Three />)
  const seen: (string | null)[] = []
  for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowLeft', 'ArrowRight', 'End', 'Home']) {
    fireEvent.keyDown(chosenTab(), { key })
    expect(document.activeElement).toBe(chosenTab())
    expect(screen.getAllByRole('tab').filter(tab => tab.tabIndex === 0)).toEqual([chosenTab()])
    seen.push(chosenTab().textContent)
  }
  expect(seen).toEqual(['b', 'a', 'c', 'a', 'c', 'a'])
  fireEvent.click(screen.getByTestId('tab-b'))
  expect(chosenTab().textContent).toBe('b')
})
