import { createSignal, Show, Suspense } from 'solid-js'
import type { Ticket } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { abilitiesOf } from '../../stores/abilities.ts'
import { lazyPart } from '../../sync/load-part.ts'

const TemplatePicker = lazyPart(() => import('./template/picker.tsx'))

/** Opens the channel's templates, where the channel has any and nothing else may be sent. */
export function TemplateButton(props: { ticket: Ticket }) {
  const [open, setOpen] = createSignal(false)
  return (
    <Show when={abilitiesOf(props.ticket)?.kinds.includes('template')}>
      <Button look="primary" icon="template" data-testid="template-open" onClick={() => setOpen(true)}>
        {t('template.send')}
      </Button>
      <Show when={open()}>
        <Suspense>
          <TemplatePicker ticket={props.ticket} onClose={() => setOpen(false)} />
        </Suspense>
      </Show>
    </Show>
  )
}
