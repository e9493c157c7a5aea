import { For, Show, type JSX } from 'solid-js'
import { explain } from '../i18n/explain.ts'
import { t } from '../i18n/index.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icons.tsx'

/** Nothing here, and what to do about it. */
export function Empty(props: { icon: IconName; title: string; text?: string; children?: JSX.Element }) {
  return (
    <div class="grid h-full place-content-center justify-items-center gap-2 p-8 text-center">
      <span class="grid size-12 place-items-center rounded-full bg-hover text-faint">
        <Icon name={props.icon} size={24} />
      </span>
      <h2 class="font-semibold">{props.title}</h2>
      <Show when={props.text}>
        <p class="max-w-sm text-faint">{props.text}</p>
      </Show>
      {props.children}
    </div>
  )
}

/** It went wrong: why, in the user's words, and a way to try again. */
export function Failure(props: { error: unknown; onRetry?: () => void; children?: JSX.Element }) {
  return (
    <div role="alert" class="grid h-full place-content-center justify-items-center gap-2 p-8 text-center">
      <span class="grid size-12 place-items-center rounded-full bg-danger-bg text-danger">
        <Icon name="alert" size={24} />
      </span>
      <p class="max-w-sm text-soft">{explain(props.error)}</p>
      <Show when={props.onRetry}>
        <Button icon="refresh" onClick={() => props.onRetry?.()}>
          {t('retry')}
        </Button>
      </Show>
      {props.children}
    </div>
  )
}

/** A whole screen that is on its way; seen only where it takes its time. `index.html` shows the same before any code is here. */
export function Coming() {
  return (
    <div role="status" class="late grid h-full flex-1 place-items-center">
      <img src="/favicon.svg" alt="" width="48" height="48" class="animate-pulse rounded-xl" />
      <span class="sr-only">{t('loading')}</span>
    </div>
  )
}

/** Rows of the same height as the real ones, so that nothing jumps when they come. */
export function SkeletonRows(props: { count: number; class?: string }) {
  return (
    <div aria-hidden="true">
      <For each={Array.from({ length: props.count })}>
        {() => (
          <div class={`flex items-center gap-3 border-b border-line px-3 ${props.class ?? 'h-[72px]'}`}>
            <div class="skeleton size-9 rounded-full!" />
            <div class="grid flex-1 gap-2">
              <div class="skeleton h-3 w-2/5" />
              <div class="skeleton h-3 w-4/5" />
            </div>
          </div>
        )}
      </For>
    </div>
  )
}

/** The frame of a page beside the rail: a heading, its actions, a scrolling body. */
export function Page(props: { title: string; text?: string; actions?: JSX.Element; children: JSX.Element }) {
  return (
    <main class="flex h-full min-w-0 flex-1 flex-col overflow-y-auto">
      <header class="sticky top-0 z-10 border-b border-line bg-canvas">
        <div class="mx-auto flex w-full max-w-6xl flex-wrap items-center justify-between gap-3 px-4 py-3 md:px-6">
          <div class="min-w-0">
            <h1 class="text-lg font-semibold">{props.title}</h1>
            <Show when={props.text}>
              <p class="text-[13px] text-faint">{props.text}</p>
            </Show>
          </div>
          <div class="flex max-w-full flex-wrap gap-2">{props.actions}</div>
        </div>
      </header>
      <div class="mx-auto w-full max-w-6xl flex-1 p-4 md:p-6">{props.children}</div>
    </main>
  )
}
