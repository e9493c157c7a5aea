const KEPT = 'fio:reloaded-at'
const AGAIN_AFTER_MS = 60_000

/**
 * A part of the screen that is loaded later may be gone: the server was upgraded since this page was loaded. Loading the
 * page again brings the new release; once a minute at most, so that a part that is really missing makes no circle.
 */
export const reloadForOtherRelease = (
  page: Pick<Window, 'addEventListener' | 'sessionStorage'>,
  reload: () => void,
  now: () => number = Date.now,
): void =>
  page.addEventListener('vite:preloadError', event => {
    const last = Number(page.sessionStorage.getItem(KEPT) ?? '0')
    if (now() - last < AGAIN_AFTER_MS) return
    page.sessionStorage.setItem(KEPT, String(now()))
    event.preventDefault()
    reload()
  })
