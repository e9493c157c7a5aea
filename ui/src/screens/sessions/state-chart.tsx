import { For, Show } from 'solid-js'
import type { Session } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { ENDS, nextStates, wayOf } from './states.ts'
import { w } from './words.ts'

type Status = Session['status']

const LIT: Readonly<Record<'good' | 'warn' | 'bad' | 'calm', string>> = {
  good: 'border-good bg-good-bg text-good',
  warn: 'border-warn bg-warn-bg text-warn',
  bad: 'border-danger bg-danger-bg text-danger',
  calm: 'border-soft bg-hover text-ink',
}
const lightOf = (status: Status): string => {
  if (status === 'connected') return LIT.good
  if (status === 'created' || status === 'stopped' || status === 'removed') return LIT.calm
  return (ENDS as readonly Status[]).includes(status) ? LIT.bad : LIT.warn
}

/**
 * Where the channel stands among the states that it can be in:
 *
 *   created → connecting → (awaiting a scan → syncing →) connected ⇄ reconnecting
 *   ends: stopped, logged out, replaced, restricted, failed
 */
export function StateChart(props: { session: Session }) {
  const next = () => nextStates(props.session)
  const way = () => wayOf(props.session.provider)
  return (
    <div class="grid gap-3" data-testid="state-chart" data-status={props.session.status}>
      <ol class="flex flex-wrap items-center gap-y-2">
        <For each={way()}>
          {(state, index) => (
            // The arrow follows its state: where the row is broken, none begins the next one.
            <li class="flex items-center">
              <State state={state} now={props.session.status} />
              <Show when={way()[index() + 1]}>
                {following => <Arrow both={following() === 'reconnecting'} />}
              </Show>
            </li>
          )}
        </For>
      </ol>
      <div class="grid gap-1.5">
        <p id="chart-ends" class="text-xs text-faint">
          {w('chart.ends')}
        </p>
        <ul aria-labelledby="chart-ends" class="flex flex-wrap gap-1.5">
          <For each={ENDS}>
            {state => (
              <li>
                <State state={state} now={props.session.status} />
              </li>
            )}
          </For>
        </ul>
      </div>
      {/* Two lines are kept free: the sentences of the states differ in length. */}
      <p class="min-h-[2lh] text-soft" aria-live="polite">
        <strong class="font-semibold text-ink">{t(`session.status.${props.session.status}`)}</strong>
        {': '}
        {w(`state.${props.session.status}`)}
        <span class="sr-only">
          {' '}
          {w('chart.next', {
            states: next()
              .map(state => t(`session.status.${state}`))
              .join(', '),
          })}
        </span>
      </p>
    </div>
  )
}

function State(props: { state: Status; now: Status }) {
  const lit = () => props.state === props.now
  return (
    <span
      aria-current={lit() ? 'step' : undefined}
      class={`inline-flex h-7 items-center rounded-full border px-2.5 text-[12.5px] whitespace-nowrap ${lit() ? `font-semibold ${lightOf(props.state)}` : 'border-line text-faint'}`}
    >
      {t(`session.status.${props.state}`)}
    </span>
  )
}

/** Lost and found again: there and back. */
function Arrow(props: { both: boolean }) {
  return (
    <span class="flex px-0.5 text-faint">
      <Show when={props.both}>
        <Icon name="back" size={14} class="-mr-1.5" />
      </Show>
      <Icon name="next" size={14} />
    </span>
  )
}
