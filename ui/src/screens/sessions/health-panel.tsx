import { createEffect, For, Match, on, Show, Switch, type JSX } from 'solid-js'
import type { ChannelHealth, Session } from '../../api/index.ts'
import { explain } from '../../i18n/explain.ts'
import { clockTime, fullTime, number, phoneNumber } from '../../i18n/format.ts'
import { Button } from '../../parts/button.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { check, checkOf, ensureCheck, refusedBy, type Check } from './health-checks.ts'
import { Line } from './line.tsx'
import { maybeW, reasonText, w } from './words.ts'

type Problem = NonNullable<ChannelHealth['problems']>[number]
type Quality = NonNullable<ChannelHealth['quality']>

const QUALITY: { readonly [Q in Quality]: { readonly icon: IconName; readonly look: string } } = {
  green: { icon: 'check', look: 'text-good' },
  yellow: { icon: 'info', look: 'text-warn' },
  red: { icon: 'alert', look: 'text-danger' },
  unknown: { icon: 'help', look: 'text-faint' },
}

/** How the channel's number or page is doing with Meta, asked when it is looked at. */
export function HealthPanel(props: { session: Session }) {
  createEffect(
    on(
      () => props.session.id,
      id => ensureCheck(id),
    ),
  )
  const known = () => checkOf(props.session.id)
  const asking = () => known()?.state === 'asking'
  /** While it is asked again, what was said before stays. */
  const shown = (): Check | undefined => {
    const now = known()
    return now?.state === 'asking' ? now.before : now
  }
  const told = () => {
    const now = shown()
    return now?.state === 'told' ? now : undefined
  }
  const failed = () => {
    const now = shown()
    return now?.state === 'failed' ? now : undefined
  }
  const at = () => (told() ?? failed())?.at
  return (
    <section
      aria-labelledby="session-health"
      aria-busy={asking()}
      data-testid="session-health"
      class="grid content-start gap-3 rounded-2xl border border-line bg-surface p-4"
    >
      <div class="flex flex-wrap items-center justify-between gap-2">
        <h2 id="session-health" class="font-semibold">
          {w('health')}
        </h2>
        <Button
          small
          icon="refresh"
          busy={asking()}
          data-testid="health-again"
          onClick={() => void check(props.session.id, true)}
        >
          {w('health.again')}
        </Button>
      </div>
      <Switch fallback={<p class="min-h-24 text-faint">{w('health.asking')}</p>}>
        <Match when={told()}>{now => <Told health={now().health} />}</Match>
        <Match when={failed()}>{now => <Failed check={now()} />}</Match>
      </Switch>
      <p class="h-4 text-xs text-faint">
        <Show when={at()}>
          {time => w('health.checked', { time: clockTime(new Date(time()).toISOString()) })}
        </Show>
      </p>
    </section>
  )
}

function Told(props: { health: ChannelHealth }) {
  const problems = () => props.health.problems ?? []
  const limit = () => props.health.dailyLimit
  return (
    <>
      <dl class="grid gap-2">
        <Show when={props.health.displayName}>
          <Line name={w('health.name')}>{props.health.displayName}</Line>
        </Show>
        <Show when={props.health.phone}>
          {phone => <Line name={w('health.phone')}>{phoneNumber(phone().replace(/\D/g, ''))}</Line>}
        </Show>
        <Show when={props.health.quality}>
          {quality => (
            <Line name={w('health.quality')}>
              <span
                data-testid="health-quality"
                data-quality={quality()}
                class="inline-flex items-start gap-1.5"
              >
                <Icon
                  name={QUALITY[quality()].icon}
                  size={16}
                  class={`mt-0.5 shrink-0 ${QUALITY[quality()].look}`}
                />
                {w(`health.quality.${quality()}`)}
              </span>
            </Line>
          )}
        </Show>
        <Show when={limit() !== undefined}>
          <Line name={w('health.limit')}>
            {limit() === null
              ? w('health.limit.none')
              : w('health.limit.some', { count: number(limit() ?? 0) })}
          </Line>
        </Show>
        <Show when={props.health.throughput}>
          {count => (
            <Line name={w('health.speed')}>{w('health.speed.value', { count: number(count()) })}</Line>
          )}
        </Show>
        <Show when={props.health.tokenExpiresAt !== undefined}>
          <Line name={w('health.token')}>
            {props.health.tokenExpiresAt
              ? w('health.token.until', { date: fullTime(props.health.tokenExpiresAt) })
              : w('health.token.lasts')}
          </Line>
        </Show>
      </dl>
      <Show
        when={problems().length > 0}
        fallback={
          <Note icon="check" look="bg-good-bg text-ink" mark="text-good">
            {w('health.fine')}
          </Note>
        }
      >
        <div class="grid gap-1.5">
          <h3 id="health-problems" class="text-[13px] font-medium text-soft">
            {w('health.problems')}
          </h3>
          <ul aria-labelledby="health-problems" class="grid gap-1.5" data-testid="health-problems">
            <For each={problems()}>
              {problem => (
                <li data-code={problem.code}>
                  <Note icon="alert" look="bg-warn-bg text-ink" mark="text-warn">
                    {problemText(problem)}
                  </Note>
                </li>
              )}
            </For>
          </ul>
        </div>
      </Show>
    </>
  )
}

const problemText = ({ code, detail = '' }: Problem): string =>
  w(`problem.${code}`, { detail: code === 'token-expires' && detail ? fullTime(detail) : detail })

function Failed(props: { check: Extract<Check, { state: 'failed' }> }) {
  const text = () => {
    const reason = refusedBy(props.check)
    if (reason === null) return explain(props.check.error)
    return maybeW(`refused.${reason}`) ?? w('refused.other', { reason: reasonText(reason) })
  }
  return (
    <Note icon="alert" look="bg-danger-bg text-ink" mark="text-danger" alert>
      {text()}
    </Note>
  )
}

function Note(props: { icon: IconName; look: string; mark: string; alert?: true; children: JSX.Element }) {
  return (
    <p
      role={props.alert ? 'alert' : undefined}
      class={`flex items-start gap-2 rounded-lg px-3 py-2 text-[13px] ${props.look}`}
    >
      <Icon name={props.icon} size={16} class={`mt-0.5 shrink-0 ${props.mark}`} />
      <span class="min-w-0 break-words">{props.children}</span>
    </p>
  )
}
