import { createSignal, onCleanup } from 'solid-js'
import type { Capabilities } from '../../../api/index.ts'
import type { FileKind, Upload } from '../../../api/upload.ts'
import { loadPart } from '../../../sync/load-part.ts'
import { refusalAs, type NotCarried } from '../../../stores/carried.ts'
import { fileRules, isAlwaysTaken, refusalBy } from '../../../stores/outgoing.ts'

/** The file above a template: taken in, held against what the channel carries, and uploaded at once. */
export type HeaderFile = {
  readonly file: File
  /** In this browser, until the message has one of its own. */
  readonly url: string
  readonly progress: number
  readonly refused?: NotCarried
  readonly upload?: Upload
  readonly error?: unknown
}

export const createHeaderFile = (kind: FileKind, can: () => Capabilities | undefined) => {
  const [held, setHeld] = createSignal<HeaderFile>()
  let stop: AbortController | undefined
  let kept = false
  const drop = () => {
    stop?.abort()
    const url = held()?.url
    if (url && !kept) URL.revokeObjectURL(url)
    setHeld(undefined)
  }
  onCleanup(drop)

  const judged = (facts: { mime: string; size: number }): NotCarried | null => {
    const able = can()
    return able ? refusalAs(able, kind, facts) : null
  }
  const take = async (file: File): Promise<void> => {
    drop()
    const mine = (stop = new AbortController())
    const refused = judged({ mime: file.type, size: file.size })
    setHeld({ file, url: URL.createObjectURL(file), progress: 0, ...(refused ? { refused } : {}) })
    if (refused) return
    const change = (by: Partial<HeaderFile>) => {
      if (stop === mine) setHeld(old => old && { ...old, ...by })
    }
    try {
      const over = isAlwaysTaken(file) ? null : refusalBy(await fileRules(), kind, file.size)
      if (over) return change({ refused: over })
      if (mine.signal.aborted) return
      const { upload } = await loadPart(() => import('../../../api/upload.ts'))
      const done = await upload(file, {
        key: crypto.randomUUID(),
        signal: mine.signal,
        onProgress: progress => change({ progress }),
      })
      // The bytes may be something else than the browser said.
      const wrong = judged(done)
      change(wrong ? { refused: wrong } : { upload: done })
    } catch (error) {
      if (!mine.signal.aborted) change({ error })
    }
  }
  /** The message shows the file by this address from now on. */
  const keep = () => void (kept = true)
  return { held, take, drop, keep }
}
