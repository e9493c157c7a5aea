import { useNavigate, useParams } from '@solidjs/router'
import { createSignal, onCleanup, onMount, Show } from 'solid-js'
import { t } from '../i18n/index.ts'
import { Empty } from '../parts/states.tsx'
import { narrow } from '../stores/narrow.ts'
import { Conversation } from './inbox/conversation.tsx'
import { FirstRun, isFirstRun } from './inbox/first-run.tsx'
import { ListPane, type ListHandle } from './inbox/list-pane.tsx'
import { makeShortcuts } from './inbox/shortcuts.ts'
import { ShortcutHelp } from './inbox/shortcut-help.tsx'

/** The agent's day: the list on the left, the conversation beside it; on a phone one at a time. */
export default function Inbox() {
  const params = useParams<{ id?: string }>()
  const go = useNavigate()
  const [help, setHelp] = createSignal(false)
  let list: ListHandle | undefined

  const step = (by: number) => {
    const ids = list?.ids() ?? []
    const at = ids.indexOf(params.id ?? '')
    const next = Math.min(ids.length - 1, Math.max(0, at < 0 ? 0 : at + by))
    const id = ids[next]
    if (id === undefined) return
    list?.show(next)
    go(`/tickets/${id}`, { replace: at >= 0, scroll: false })
  }
  const stop = makeShortcuts({
    step,
    leave: () => params.id && go('/inbox'),
    help: () => setHelp(true),
    dialogOpen: help,
  })
  onMount(() => document.addEventListener('keydown', stop))
  onCleanup(() => document.removeEventListener('keydown', stop))

  return (
    <main class="flex min-w-0 flex-1">
      <section
        aria-label={t('inbox.list')}
        class="h-full shrink-0 border-line bg-surface md:w-80 md:border-r xl:w-96"
        classList={{ 'max-md:hidden': !!params.id, 'max-md:w-full': !params.id }}
      >
        <ListPane chosen={params.id} onHelp={() => setHelp(true)} handle={handle => (list = handle)} />
      </section>
      <Show
        when={params.id}
        keyed
        fallback={
          <section class="min-w-0 flex-1 overflow-y-auto max-md:hidden">
            <Show
              when={!narrow() && isFirstRun()}
              fallback={<Empty icon="inbox" title={t('inbox.none.title')} text={t('inbox.none.text')} />}
            >
              <div class="grid h-full place-items-center">
                <FirstRun />
              </div>
            </Show>
          </section>
        }
      >
        {id => <Conversation id={id} />}
      </Show>
      <ShortcutHelp open={help()} onClose={() => setHelp(false)} />
    </main>
  )
}
