import { For } from 'solid-js'
import { t } from '../../i18n/index.ts'
import { CheckField } from '../../parts/field.tsx'
import { queues } from '../../stores/directory.ts'

export function QueuePicker(props: {
  chosen: readonly string[]
  onChange: (ids: readonly string[]) => void
}) {
  return (
    <fieldset>
      <legend class="mb-1 text-[13px] font-medium text-soft">{t('nav.queues')}</legend>
      <div class="grid gap-1 sm:grid-cols-2">
        <For each={queues.items}>
          {queue => (
            <CheckField
              label={queue.name}
              checked={props.chosen.includes(queue.id)}
              onToggle={on =>
                props.onChange(on ? [...props.chosen, queue.id] : props.chosen.filter(id => id !== queue.id))
              }
            />
          )}
        </For>
      </div>
    </fieldset>
  )
}
