import { randomUUID } from 'node:crypto'
import { baileysProvider, type BaileysOptions } from '../../src/providers/baileys/provider.ts'
import type {
  Connection,
  ConnectionState,
  ConnectOptions,
  InboundItem,
  SessionStore,
} from '../../src/providers/provider.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { silentLog } from '../../src/shared/log.ts'
import { startWhatsApp, type WhatsApp } from '../doubles/whatsapp/whatsapp.ts'
import { until } from './until.ts'

/** A drawer in memory, all or nothing like the real one; `failNext`: so many that bring something in fail. */
export const memoryDrawer = () => {
  const values = new Map<string, string>()
  let failing = 0
  let before: (changes: ReadonlyMap<string, string | null>) => void = () => {}
  const store: SessionStore = {
    get: async keys => new Map(keys.flatMap(key => (values.has(key) ? [[key, values.get(key) ?? '']] : []))),
    commit: async changes => {
      before(changes)
      if (failing > 0 && [...changes].some(([key, value]) => key.startsWith('in/') && value !== null)) {
        failing -= 1
        throw new Error('the vault is away')
      }
      for (const [key, value] of changes) {
        if (value === null) values.delete(key)
        else values.set(key, value)
      }
    },
    keys: async prefix => [...values.keys()].filter(key => key.startsWith(prefix)).sort(),
  }
  return {
    store,
    values,
    failNext: (times: number) => void (failing = times),
    onCommit: (look: typeof before) => void (before = look),
  }
}

export const ACCOUNT = '5511900000001'

/** One linked device against a local WhatsApp, with all that it said. */
export type Linked = {
  readonly states: ConnectionState[]
  readonly items: InboundItem[]
  readonly drawer: ReturnType<typeof memoryDrawer>
  readonly connection: Connection
  /** What is done with what comes in, instead of keeping it in `items`. */
  onItems: (items: readonly InboundItem[]) => Promise<void>
  last(): ConnectionState['state'] | undefined
  /** The texts of messages that came in. */
  texts(): string[]
  connect(): Promise<Connection>
  /** Waits until it is connected. */
  connected(): Promise<Connection>
}

export const deviceOn = (
  whatsapp: Pick<WhatsApp, 'url' | 'rootPublicKey'>,
  options: Partial<BaileysOptions> & {
    settings?: ConnectOptions['settings']
    sentBefore?: NonNullable<ConnectOptions['sentBefore']>
  } = {},
) => {
  const provider = baileysProvider({
    clock: systemClock,
    log: silentLog,
    local: { url: whatsapp.url, rootKey: whatsapp.rootPublicKey },
    ackMsMax: 2_000,
    ...options,
  })
  const ids = { companyId: randomUUID(), sessionId: randomUUID() }
  const device: Linked & { connection: Connection } = {
    states: [],
    items: [],
    drawer: memoryDrawer(),
    connection: null as unknown as Connection,
    onItems: async items => void device.items.push(...items),
    last: () => device.states.at(-1)?.state,
    texts: () =>
      device.items.flatMap(one =>
        one.item === 'message' && one.message.type === 'message' ? [one.message.text] : [],
      ),
    connect: async () => {
      device.connection = await provider.connect({
        ...ids,
        credentials: {},
        settings: options.settings ?? {},
        store: device.drawer.store,
        ...(options.sentBefore ? { sentBefore: options.sentBefore } : {}),
        handlers: {
          onItems: items => device.onItems(items),
          onState: state => void device.states.push(state),
        },
      })
      return device.connection
    },
    connected: async () => {
      const connection = await device.connect()
      await until('the connection', () => device.last() === 'connected')
      return connection
    },
  }
  return { provider, ids, device }
}

/** Scans the QR code that a device shows. */
export const scanned = async (whatsapp: WhatsApp, device: Linked, number = ACCOUNT): Promise<void> => {
  const shown = await until('a QR code', () => device.states.find(state => 'qr' in state))
  if ('qr' in shown) await whatsapp.scan({ qr: shown.qr, number })
  await until('the pairing', () => device.last() === 'connected')
}

/** A local WhatsApp and a device that is linked to `ACCOUNT` and connected. */
export const linkedDevice = async (options: Parameters<typeof deviceOn>[1] = {}) => {
  const whatsapp = await startWhatsApp({ quickPairing: true })
  const made = deviceOn(whatsapp, options)
  await made.device.connect()
  await scanned(whatsapp, made.device)
  return { whatsapp, ...made }
}
