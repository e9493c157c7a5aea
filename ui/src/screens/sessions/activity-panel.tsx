import { createEffect, Show } from 'solid-js'
import type { Session, SessionActivity } from '../../api/index.ts'
import { dayTime, number, seconds } from '../../i18n/format.ts'
import { SkeletonRows } from '../../parts/states.tsx'
import { activityOf, followActivity } from './activities.ts'
import { Line } from './line.tsx'
import { w } from './words.ts'

/** What goes through a channel, what its pacing allows now, and how often it was away. */
export function ActivityPanel(props: { session: Session }) {
  createEffect(() => followActivity(props.session.id))
  return (
    <section
      aria-labelledby="session-activity"
      data-testid="session-activity"
      class="grid content-start gap-3 rounded-2xl border border-line bg-surface p-4"
    >
      <h2 id="session-activity" class="font-semibold">
        {w('activity')}
      </h2>
      <Show when={activityOf(props.session.id)} fallback={<SkeletonRows count={3} class="h-8" />}>
        {activity => <Told activity={activity()} />}
      </Show>
    </section>
  )
}

const traffic = (both: { in: number; out: number }): string =>
  w('activity.messages', { in: number(both.in), out: number(both.out) })

function Told(props: { activity: SessionActivity }) {
  const pacing = () => props.activity.pacing
  const gaps = () => props.activity.gaps
  return (
    <dl class="grid gap-2">
      <Line name={w('activity.hour')}>{traffic(props.activity.messages.hour)}</Line>
      <Line name={w('activity.day')}>{traffic(props.activity.messages.day)}</Line>
      <Line name={w('activity.gaps')}>
        {gaps().count > 0
          ? w('activity.gaps.some', {
              count: number(gaps().count),
              days: gaps().days,
              time: seconds(gaps().seconds),
            })
          : w('activity.gaps.none', { days: gaps().days })}
        <Show when={gaps().since}>
          {since => <span> · {w('activity.gaps.now', { time: dayTime(since()) })}</span>}
        </Show>
      </Line>
      <Show when={pacing().perMinute}>
        {count => (
          <Line name={w('activity.pace')}>{w('activity.pace.some', { count: number(count()) })}</Line>
        )}
      </Show>
      <Show when={pacing().newChats}>
        {chats => (
          <Line name={w('activity.newChats')}>
            <Budget used={chats().used} limit={chats().limit} />
            <Show when={chats().nextAt}>
              {at => <span class="text-soft">{w('activity.newChats.next', { time: dayTime(at()) })}. </span>}
            </Show>
            <span class="text-[13px] text-faint">{w('activity.newChats.text')}</span>
          </Line>
        )}
      </Show>
      <Show when={pacing().mode !== 'off'}>
        <Line name={w('activity.held')}>
          {pacing().held.count > 0
            ? w('activity.held.some', {
                count: number(pacing().held.count),
                time: pacing().held.nextAt ? dayTime(pacing().held.nextAt ?? '') : '—',
              })
            : w('activity.held.none')}
        </Line>
      </Show>
    </dl>
  )
}

/** How much of it is used: in words, and as a bar for the eye. */
function Budget(props: { used: number; limit: number }) {
  const share = () => Math.min(1, props.limit === 0 ? 1 : props.used / props.limit)
  return (
    <span class="grid gap-1 pb-1">
      <span>{w('activity.newChats.used', { used: number(props.used), limit: number(props.limit) })}</span>
      <span aria-hidden="true" class="block h-1.5 overflow-hidden rounded-full bg-hover">
        <span
          class={`block h-full rounded-full ${share() === 1 ? 'bg-warn' : 'bg-accent'}`}
          style={{ width: `${share() * 100}%` }}
        />
      </span>
    </span>
  )
}

/** The same in one line, for a page of many channels. */
export function ActivityLine(props: { session: Session }) {
  createEffect(() => followActivity(props.session.id))
  const text = () => {
    const activity = activityOf(props.session.id)
    if (!activity) return ''
    const { messages, gaps, pacing } = activity
    return [
      w('activity.card', { in: number(messages.day.in), out: number(messages.day.out) }),
      ...(pacing.newChats ? [w('activity.card.newChats', pacing.newChats as never)] : []),
      ...(pacing.held.count > 0 ? [w('activity.card.held', { count: number(pacing.held.count) })] : []),
      w('activity.card.gaps', { days: gaps.days, count: number(gaps.count) }),
    ].join(' · ')
  }
  return (
    <p class="min-h-[1lh] text-[13px] text-soft tabular-nums" data-testid="session-activity-line">
      {text()}
    </p>
  )
}
