import { Tabs as Kobalte } from '@kobalte/core/tabs'
import { For, type JSX } from 'solid-js'

type TabsProps<Name extends string> = {
  label: string
  names: readonly Name[]
  chosen: Name
  onChoose: (name: Name) => void
  /** Id of what the tabs switch. */
  panel: string
  class?: string
  children: (name: Name) => JSX.Element
}

/** Tabs that follow the arrows; only the chosen one is a stop of the Tab key. */
export function Tabs<Name extends string>(props: TabsProps<Name>) {
  return (
    <Kobalte value={props.chosen} onChange={name => props.onChoose(name as Name)}>
      <Kobalte.List class={props.class} aria-label={props.label}>
        <For each={props.names}>
          {name => (
            <Kobalte.Trigger
              value={name}
              data-testid={`tab-${name}`}
              aria-controls={props.panel}
              class="ring-inner grid h-12 min-w-0 flex-1 content-center justify-items-center border-b-2 border-transparent text-[12.5px] leading-tight whitespace-nowrap text-faint hover:text-ink aria-selected:border-accent aria-selected:font-semibold aria-selected:text-accent-ink"
            >
              {props.children(name)}
            </Kobalte.Trigger>
          )}
        </For>
      </Kobalte.List>
    </Kobalte>
  )
}
