import { createMemo, Show } from 'solid-js'
import type { Ticket } from '../../api/index.ts'
import { ApiProblem } from '../../api/problem.ts'
import { dayTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { threadOf } from '../../stores/threads.ts'

/** The channel refused free words because the customer was silent too long: said until the customer writes again. */
export function WindowNotice(props: { ticket: Pick<Ticket, 'id'> }) {
  const refused = createMemo(() => {
    const thread = threadOf(props.ticket.id)
    for (const { error, at } of thread?.drafts ?? []) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'window-closed') continue
      if (thread?.items.some(item => !item.fromMe && item.timestamp > at)) return null
      return error.problem
    }
    return null
  })
  const words = () => {
    const { hours, lastInboundAt } = { ...refused() }
    if (typeof hours !== 'number') return t('problem.window-closed')
    return typeof lastInboundAt === 'string'
      ? t('window.closed', { hours, at: dayTime(lastInboundAt) })
      : t('window.never', { hours })
  }
  return (
    <Show when={refused()}>
      <p role="status" data-testid="window-closed" class="mb-2 flex items-start gap-2 text-[13px] text-soft">
        <Icon name="clock" size={15} class="mt-0.5 shrink-0" />
        {words()}
      </p>
    </Show>
  )
}
