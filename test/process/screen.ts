import { io } from 'socket.io-client'
import { apiClient } from '../support/api.ts'
import { until } from '../support/until.ts'
import { ADMIN } from '../support/world.ts'

/**
 * A screen at one address for the whole time: it comes back by itself when its connection is lost, with the position that it
 * had, and loads again what it is told to. Unlike `watch`, it is never told where to go.
 */
export type Screen = {
  /** Ids of the messages that it knows: loaded when it was told to load, pushed since. */
  readonly knows: () => ReadonlySet<string>
  /** How often it came back. */
  readonly returned: () => number
  /** How often it could go on where it was, and how often it had to load everything again. */
  readonly resumed: () => number
  readonly loaded: () => number
  /** Why its connection was lost, each time. */
  readonly losses: () => readonly string[]
  close(): void
}

type Pushed = { position?: string; message?: { id: string } }
type Ready = { position: string; resumed: boolean }

/** `load`: everything that there is at this moment, as ids of messages. */
export const openScreen = async (url: string, load: () => Promise<readonly string[]>): Promise<Screen> => {
  const known = new Set<string>()
  const losses: string[] = []
  let position: string | null = null
  let [ready, resumed, loaded] = [0, 0, 0]
  const api = apiClient(() => url)
  const { accessToken: token } = await api.post<{ accessToken: string }>('/auth/login', ADMIN)
  const loadAgain = async (): Promise<void> => {
    for (const id of await load()) known.add(id)
    loaded += 1
  }
  const socket = io(url, {
    auth: answer => answer({ token, ...(position === null ? {} : { position }) }),
    transports: ['websocket'],
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
    forceNew: true,
  })
  socket.onAny((event: string, payload: Pushed & Ready) => {
    if (payload.position && (position === null || payload.position > position)) position = payload.position
    if (event === 'appMessage' && payload.message) known.add(payload.message.id)
    if (event === 'resync') void loadAgain()
    if (event !== 'ready') return
    ready += 1
    if (payload.resumed) resumed += 1
    else void loadAgain()
  })
  socket.on('disconnect', reason => losses.push(reason))
  await until('the screen to be let in', () => loaded > 0)
  return {
    knows: () => known,
    returned: () => ready - 1,
    resumed: () => resumed,
    loaded: () => loaded,
    losses: () => losses,
    close: () => void socket.disconnect(),
  }
}
