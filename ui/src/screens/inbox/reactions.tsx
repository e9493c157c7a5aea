import { createMemo, For, Show } from 'solid-js'
import type { Message } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'

type Chip = { emoji: string; ours: boolean; count: number; pending: boolean }

/** The reactions as they will be: what is on its way counts, and is shown paler. */
const chipsOf = ({ reactions, actions = [] }: Message): Chip[] => {
  const coming = actions.findLast(one => one.action === 'reaction' && one.state === 'pending')
  const chips = new Map<string, Chip>()
  const add = (emoji: string, ours: boolean, pending: boolean) => {
    const known = chips.get(emoji) ?? { emoji, ours: false, count: 0, pending: false }
    chips.set(emoji, {
      emoji,
      ours: known.ours || ours,
      count: known.count + 1,
      pending: known.pending || pending,
    })
  }
  for (const { emoji, fromMe } of reactions) add(emoji, fromMe, fromMe && coming?.emoji === '')
  if (coming?.emoji && !reactions.some(one => one.fromMe && one.emoji === coming.emoji))
    add(coming.emoji, true, true)
  return [...chips.values()]
}

/** Under the bubble; opened, they say who. */
export function Reactions(props: { message: Message; onOpen: () => void }) {
  const chips = createMemo(() => (props.message.deletedAt ? [] : chipsOf(props.message)))
  const words = () =>
    chips()
      .map(({ emoji, count, ours }) =>
        ours ? `${emoji} ${count > 1 ? `${count}, ` : ''}${t('quote.us')}` : `${emoji} ${count}`,
      )
      .join(', ')
  return (
    <Show when={chips().length}>
      <button
        type="button"
        tabindex="-1"
        data-testid="reactions"
        class="-mt-2 flex gap-1 rounded-full px-2"
        aria-label={`${t('reactions')}: ${words()}`}
        onClick={() => props.onOpen()}
      >
        <For each={chips()}>
          {chip => (
            <span
              data-emoji={chip.emoji}
              data-pending={chip.pending ? '' : undefined}
              class="rounded-full border bg-raised px-1.5 text-[13px]"
              classList={{
                'border-accent': chip.ours,
                'border-line': !chip.ours,
                'opacity-60': chip.pending,
              }}
            >
              {chip.emoji}
              {chip.count > 1 ? ` ${chip.count}` : ''}
            </span>
          )}
        </For>
      </button>
    </Show>
  )
}
