import { lazy } from 'solid-js'

const KEPT = 'fio:reloaded-at'
const RELOAD_AGAIN_MS = 60_000
const ASK_AGAIN_MS = 2_000
const ANSWER_MS_MAX = 5_000

type World = {
  /** Where the page remembers, across loads, when it was last loaded again. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  /** Whether the server answers at all. */
  readonly answers: () => Promise<boolean>
  readonly reload: () => void
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

/**
 * Parts of the screen are loaded when they are first needed. Two things keep one away, and look alike to the browser:
 * - the server, or the way to it, is gone: the page stays with all that was written on it, and the part comes with the server;
 * - the server was upgraded since this page was loaded, and has no such part: loading the page again brings the new release;
 *   once a minute at most, so that a part that is really missing makes no circle.
 *
 * @returns a loader whose promise is never rejected: whoever waits for a part shows what was there before, or that it loads.
 */
export const makeLoadPart =
  ({ storage, answers, reload, now, wait }: World) =>
  async <T>(load: () => Promise<T>): Promise<T> => {
    const attempt = () =>
      load().then(
        part => ({ part }),
        () => null,
      )
    for (;;) {
      const first = await attempt()
      if (first) return first.part
      if (await answers()) {
        // It may have been away for just that moment.
        const second = await attempt()
        if (second) return second.part
        if (now() - Number(storage.getItem(KEPT) ?? '0') >= RELOAD_AGAIN_MS) {
          storage.setItem(KEPT, String(now()))
          reload()
        }
      }
      await wait(ASK_AGAIN_MS)
    }
  }

/** A proxy that speaks for a server that is away is no answer. */
const serverAnswers = async (): Promise<boolean> => {
  try {
    const answer = await fetch('/health/live', {
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    return answer.ok
  } catch {
    return false
  }
}

export const loadPart = makeLoadPart({
  storage: sessionStorage,
  answers: serverAnswers,
  reload: () => location.reload(),
  now: Date.now,
  wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
})

/** A component that comes when it is first shown. */
export const lazyPart: typeof lazy = load => lazy(() => loadPart(load))
