import { For } from 'solid-js'
import { t } from '../../i18n/index.ts'
import { Modal } from '../../parts/dialog.tsx'

const rows = [
  ['j ↓', 'keys.next'],
  ['k ↑', 'keys.previous'],
  ['a', 'keys.accept'],
  ['r Enter', 'keys.reply'],
  ['e', 'keys.close'],
  ['s', 'keys.snooze'],
  ['i', 'keys.panel'],
  ['m', 'keys.messages'],
  ['h', 'keys.history'],
  ['1 2 3 4', 'keys.tabs'],
  ['/', 'keys.search'],
  ['Esc', 'keys.back'],
  ['?', 'keys.help'],
] as const

export function ShortcutHelp(props: { open: boolean; onClose: () => void }) {
  return (
    <Modal open={props.open} onClose={props.onClose} title={t('shortcuts')}>
      <dl class="grid gap-2">
        <For each={rows}>
          {([keys, text]) => (
            <div class="flex items-center justify-between gap-4">
              <dt class="text-soft">{t(text)}</dt>
              <dd class="flex gap-1">
                <For each={keys.split(' ')}>
                  {key => (
                    <kbd class="rounded-md border border-line-strong bg-hover px-2 py-0.5 font-mono text-xs">
                      {key}
                    </kbd>
                  )}
                </For>
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Modal>
  )
}
