import { createSignal, For, onCleanup, onMount, Show } from 'solid-js'
import { Portal } from 'solid-js/web'
import type { Message, Ticket } from '../../../api/index.ts'
import { Icon, type IconName } from '../../../parts/icons.tsx'
import { deedsOf, type Deed, type Why } from './may.ts'
import { beside } from './beside.ts'
import { w } from './words.ts'

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const
type Picked = Exclude<Deed, 'react'>
const faces: Record<Deed, IconName> = {
  react: 'smile',
  reply: 'reply',
  copy: 'copy',
  link: 'link',
  edit: 'edit',
  forward: 'forward',
  details: 'info',
  delete: 'trash',
}

/**
 * The actions of one message beside it. Arrows walk (left and right among the reactions), Home and End jump, Escape and
 * Tab close; what cannot be done is reached like the rest and says why. Closing gives the keys back to the anchor.
 */
export function MessageMenu(props: {
  ticket: Ticket
  message: Message
  anchor: HTMLElement
  onReact: (emoji: string) => void
  onPick: (deed: Picked) => void
  onClose: () => void
}) {
  let box!: HTMLDivElement
  const [place, setPlace] = createSignal({ left: 0, top: 0 })
  const deeds = () => deedsOf(props.ticket, props.message)
  // Reactions have a row of their own; only when they are not possible now they stand with the rest, to say why.
  const listed = () =>
    [...deeds()].filter(([deed, why]) => deed !== 'react' || (why && why.key !== 'why.reaction'))
  const mine = () => props.message.reactions.find(reaction => reaction.fromMe)?.emoji
  // Another one than those of the row, given by a phone, can be taken back too.
  const row = () => [...new Set([...EMOJI, ...(mine() ? [mine()!] : [])])]

  const close = () => {
    props.anchor.focus()
    props.onClose()
  }
  const pick = (deed: Deed, reason: Why | null) => {
    if (reason || deed === 'react') return
    // Before what was picked, which may open a dialog: closing that comes back to this button.
    props.anchor.focus()
    props.onPick(deed)
  }
  const move = (event: KeyboardEvent) => {
    const all = [...box.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
    const reactions = all.filter(one => one.role === 'menuitemradio')
    const at = all.indexOf(document.activeElement as HTMLElement)
    const inRow = at >= 0 && at < reactions.length
    const last = all.length - 1
    const wished: Partial<Record<string, number>> = {
      ArrowDown: inRow ? reactions.length : at === last ? 0 : at + 1,
      ArrowUp: at <= 0 || inRow ? last : at === reactions.length ? 0 : at - 1,
      ArrowRight: inRow ? (at + 1) % reactions.length : at,
      ArrowLeft: inRow ? (at + reactions.length - 1) % reactions.length : at,
      Home: 0,
      End: last,
    }
    const to = wished[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') close()
    else if (to === undefined) return
    else all[Math.min(to, last)]?.focus()
    event.preventDefault()
    event.stopPropagation()
  }
  onMount(() => {
    setPlace(beside(props.anchor.getBoundingClientRect(), box.getBoundingClientRect()))
    box.querySelector<HTMLElement>('[role^="menuitem"]')?.focus({ preventScroll: true })
    const outside = (event: Event) => {
      const inside = (part: HTMLElement) => event.target instanceof Node && part.contains(event.target)
      if (!inside(box) && !inside(props.anchor)) props.onClose()
    }
    for (const name of ['pointerdown', 'wheel', 'resize']) addEventListener(name, outside, true)
    onCleanup(() => {
      for (const name of ['pointerdown', 'wheel', 'resize']) removeEventListener(name, outside, true)
    })
  })
  return (
    <Portal>
      <div
        ref={box}
        role="menu"
        tabindex="-1"
        aria-label={w('menu')}
        data-testid="message-actions"
        style={{ left: `${place().left}px`, top: `${place().top}px` }}
        class="pop fixed z-50 w-64 max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-raised p-1 shadow-pop outline-none"
        on:keydown={move}
        onContextMenu={event => event.preventDefault()}
      >
        <Show when={deeds().get('react') === null}>
          <div
            role="group"
            aria-label={w('react')}
            class="flex justify-between border-b border-line px-0.5 pb-1"
          >
            <For each={row()}>
              {emoji => (
                <button
                  type="button"
                  role="menuitemradio"
                  tabindex="-1"
                  aria-checked={mine() === emoji}
                  aria-label={w(mine() === emoji ? 'react.remove' : 'react.with', { emoji })}
                  title={w(mine() === emoji ? 'react.remove' : 'react.with', { emoji })}
                  data-testid="react"
                  data-emoji={emoji}
                  class="ring-inner grid size-9 place-items-center rounded-lg text-lg leading-none outline-none hover:bg-hover focus:bg-hover"
                  classList={{ 'bg-active': mine() === emoji }}
                  onClick={() => {
                    props.anchor.focus()
                    props.onReact(emoji)
                  }}
                >
                  {emoji}
                </button>
              )}
            </For>
          </div>
        </Show>
        <For each={listed()}>
          {([deed, reason]) => (
            <button
              type="button"
              role="menuitem"
              tabindex="-1"
              aria-disabled={reason !== null}
              data-testid={`message-${deed}`}
              class="ring-inner flex w-full items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-left outline-none hover:bg-hover focus:bg-hover aria-disabled:cursor-default max-md:py-2.5"
              classList={{ 'text-danger': deed === 'delete' && !reason }}
              onClick={() => pick(deed, reason)}
            >
              <Icon name={faces[deed]} size={16} class="shrink-0" classList={{ 'text-faint': !!reason }} />
              <span class="min-w-0" classList={{ 'text-faint': !!reason }}>
                {w(deed)}
                <Show when={reason}>
                  {told => (
                    <span class="block text-xs">
                      {w(told().key, told().minutes === undefined ? {} : { minutes: told().minutes ?? 0 })}
                    </span>
                  )}
                </Show>
              </span>
            </button>
          )}
        </For>
      </div>
    </Portal>
  )
}
