import { setTab, TABS } from '../../stores/inbox.ts'

type Wishes = { step: (by: number) => void; leave: () => void; help: () => void; dialogOpen: () => boolean }

const typing = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable)

const press = (selector: string): void => document.querySelector<HTMLElement>(selector)?.click()
const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus()

/** One key, one wish. In a text field only Escape means something: it leaves the field; and from the search down leads to what was found. */
export const makeShortcuts = (wishes: Wishes): ((event: KeyboardEvent) => void) => {
  const keys: Record<string, () => void> = {
    j: () => wishes.step(1),
    ArrowDown: () => wishes.step(1),
    k: () => wishes.step(-1),
    ArrowUp: () => wishes.step(-1),
    Enter: () => focus('[data-testid="composer-input"]'),
    r: () => focus('[data-testid="composer-input"]'),
    m: () => focus('[data-message-menu][tabindex="0"]'),
    a: () => press('[data-testid="ticket-accept"]'),
    e: () => press('[data-testid="ticket-close"]'),
    s: () => press('[data-testid="ticket-snooze"]'),
    i: () => press('[data-panel-toggle]'),
    h: () => press('[data-testid="ticket-history"]'),
    ...Object.fromEntries(TABS.map((name, at) => [String(at + 1), () => setTab(name)])),
    '/': () => focus('[data-search]'),
    '?': () => wishes.help(),
    Escape: () => wishes.leave(),
  }
  return event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || wishes.dialogOpen())
      return
    if (document.querySelector('[role="dialog"], [role="menu"]')) return
    if (typing(event.target)) {
      const toFound = event.key === 'ArrowDown' && event.target.matches('[data-search]')
      if (event.key === 'Escape' || toFound) event.target.blur()
      if (toFound) wishes.step(1)
      return
    }
    // A focused button keeps its own Enter, a focused tab its arrows, a history slider its arrows.
    const onControl =
      event.target instanceof HTMLElement && event.target.closest('button, a, [role="tab"]') !== null
    if (onControl && event.key === 'Enter') return
    const run = keys[event.key]
    if (!run) return
    event.preventDefault()
    run()
  }
}
