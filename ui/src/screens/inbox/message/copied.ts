/** Puts words on the clipboard, also where the page came over plain HTTP and the newer way is not there. */
export const copied = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    const before = document.activeElement
    area.value = text
    area.className = 'fixed top-0 opacity-0'
    document.body.append(area)
    area.select()
    // Deprecated and without a successor for pages that came over plain HTTP.
    // eslint-disable-next-line typescript/no-deprecated
    const done = document.execCommand('copy')
    area.remove()
    if (before instanceof HTMLElement) before.focus()
    return done
  }
}
