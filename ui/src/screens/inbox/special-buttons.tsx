import { createSignal, For, Show, Suspense } from 'solid-js'
import type { Ticket } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { IconButton } from '../../parts/button.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Menu } from '../../parts/menu.tsx'
import { abilitiesOf } from '../../stores/abilities.ts'
import { lazyPart } from '../../sync/load-part.ts'

const TemplatePicker = lazyPart(() => import('./template/picker.tsx'))
const ChoicesComposer = lazyPart(() => import('./choices/composer.tsx'))

type Special = { name: 'template' | 'choices'; label: string; icon: IconName; testid: string }

/**
 * What can be sent beside words and files, as far as the channel has it: an icon each, or, where the screen is narrow and
 * there are several, one that opens them all. Each is loaded when somebody wants it.
 */
export function SpecialButtons(props: { ticket: Ticket }) {
  const [open, setOpen] = createSignal<Special['name']>()
  const can = () => abilitiesOf(props.ticket)
  const offered = (): Special[] => [
    ...(can()?.kinds.includes('template')
      ? [{ name: 'template', label: t('template.send'), icon: 'template', testid: 'template-open' } as const]
      : []),
    ...(can()?.kinds.includes('interactive') && can()?.choices
      ? [{ name: 'choices', label: t('choices.open'), icon: 'queue', testid: 'choices-open' } as const]
      : []),
  ]
  const several = () => offered().length > 1
  return (
    <>
      <Show when={offered().length > 0}>
        <div class="flex" classList={{ 'max-md:hidden': several() }}>
          <For each={offered()}>
            {one => (
              <IconButton
                label={one.label}
                icon={one.icon}
                size={20}
                class="size-10!"
                data-testid={one.testid}
                onClick={() => setOpen(one.name)}
              />
            )}
          </For>
        </div>
      </Show>
      <Show when={several()}>
        <div class="md:hidden">
          <Menu
            label={t('composer.more')}
            testid="composer-more"
            trigger={<Icon name="plus" size={20} />}
            triggerClass="inline-grid size-10 shrink-0 place-items-center rounded-lg text-soft hover:bg-hover hover:text-ink"
            items={offered().map(({ name, label, icon, testid }) => ({
              label,
              icon,
              testid: `${testid}-item`,
              run: () => setOpen(name),
            }))}
          />
        </div>
      </Show>
      <Suspense>
        <Show when={open() === 'template'}>
          <TemplatePicker ticket={props.ticket} onClose={() => setOpen(undefined)} />
        </Show>
        <Show when={open() === 'choices' && can()?.choices}>
          {limits => (
            <ChoicesComposer ticket={props.ticket} limits={limits()} onClose={() => setOpen(undefined)} />
          )}
        </Show>
      </Suspense>
    </>
  )
}
