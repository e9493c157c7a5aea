const BUTTONS = '[data-message-menu]'

/**
 * One stop for the Tab key among all messages: the newest, or where the keys were last; arrows, Home and End walk from
 * there. Done on the elements: a signal for each of hundreds of bubbles would cost more than it gives.
 */
export const createRover = (content: () => HTMLElement) => {
  let current: HTMLElement | undefined
  const buttons = () => [...content().querySelectorAll<HTMLElement>(BUTTONS)]
  const rest = (next: HTMLElement | undefined): void => {
    if (current !== next) current?.setAttribute('tabindex', '-1')
    next?.setAttribute('tabindex', '0')
    current = next
  }
  return {
    /** After messages came or went. */
    settle: (): void => {
      const focused = document.activeElement === current && current?.isConnected
      rest(focused ? current : buttons().at(-1))
    },
    onFocusIn: (event: FocusEvent): void => {
      if (event.target instanceof HTMLElement && event.target.matches(BUTTONS)) rest(event.target)
    },
    onKeyDown: (event: KeyboardEvent): void => {
      if (!(event.target instanceof HTMLElement && event.target.matches(BUTTONS))) return
      const all = buttons()
      const at = all.indexOf(event.target)
      const wished = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key]
      if (wished === undefined) return
      event.preventDefault()
      event.stopPropagation()
      all[Math.max(0, Math.min(wished, all.length - 1))]?.focus()
    },
  }
}
