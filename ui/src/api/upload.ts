import { currentToken, endLogin, refresh } from './http.ts'
import { ApiProblem, problemFrom } from './problem.ts'

/** What a file is sent as. */
export type FileKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'
/** A file that the server keeps for the message that will name it. */
export type Upload = {
  id: string
  mime: string
  size: number
  name: string | null
  kind: FileKind
  seconds?: number
  width?: number
  height?: number
}

type Options = {
  /** Trying again under the same key is the same upload. */
  readonly key: string
  /** From 0 to 1. */
  readonly onProgress: (part: number) => void
  readonly signal: AbortSignal
  /** What it is to be sent as, where its bytes leave a choice. */
  readonly kind?: FileKind
}

/** A line may be slow, but something has to move. */
const STALLED_MILLISECONDS_MAX = 60_000

/** Once, whatever comes of it. `fetch` tells nobody how much is out, hence the older way. */
const post = (file: File, { key, onProgress, signal, kind }: Options): Promise<Response> =>
  new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest()
    let timer: ReturnType<typeof setTimeout> | undefined
    const moving = () => {
      clearTimeout(timer)
      timer = setTimeout(() => asked.abort(), STALLED_MILLISECONDS_MAX)
    }
    const abort = () => asked.abort()
    const unreachable = () => reject(new ApiProblem({ status: 0, code: 'unreachable' }))
    asked.open('POST', `/api/v1/uploads${kind ? `?kind=${kind}` : ''}`)
    asked.setRequestHeader('accept', 'application/json')
    asked.setRequestHeader('idempotency-key', key)
    const token = currentToken()
    if (token) asked.setRequestHeader('authorization', `Bearer ${token}`)
    asked.upload.addEventListener('progress', event => {
      moving()
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    })
    asked.addEventListener('load', () => resolve(new Response(asked.responseText, { status: asked.status })))
    asked.addEventListener('error', unreachable)
    asked.addEventListener('abort', unreachable)
    asked.addEventListener('loadend', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    })
    signal.addEventListener('abort', abort)
    const form = new FormData()
    form.set('file', file)
    moving()
    asked.send(form)
  })

/** Uploads one file. @throws ApiProblem */
export const upload = async (file: File, options: Options): Promise<Upload> => {
  let response = await post(file, options)
  if (response.status === 401) {
    if ((await refresh()) === null) endLogin()
    else response = await post(file, options)
  }
  if (!response.ok) throw await problemFrom(response)
  return (await response.json()) as Upload
}
