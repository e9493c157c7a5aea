import { createSignal, lazy, Show, Suspense } from 'solid-js'
import type { Ticket } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { abilitiesOf } from '../../stores/abilities.ts'

const TemplatePicker = lazy(() => import('./template/picker.tsx'))

/** Opens the channel's templates, where the channel has any: an icon beside the words, or a button in their place. */
export function TemplateButton(props: { ticket: Ticket; wide?: boolean }) {
  const [open, setOpen] = createSignal(false)
  return (
    <Show when={abilitiesOf(props.ticket)?.kinds.includes('template')}>
      <Show
        when={props.wide}
        fallback={
          <IconButton
            label={t('template.send')}
            icon="template"
            size={20}
            class="size-10!"
            data-testid="template-open"
            onClick={() => setOpen(true)}
          />
        }
      >
        <Button look="primary" icon="template" data-testid="template-open" onClick={() => setOpen(true)}>
          {t('template.send')}
        </Button>
      </Show>
      <Show when={open()}>
        <Suspense>
          <TemplatePicker ticket={props.ticket} onClose={() => setOpen(false)} />
        </Suspense>
      </Show>
    </Show>
  )
}
