import { setFlagsFromString } from 'node:v8'
import type { Config } from '../config.ts'
import type * as Baileys from '../providers/baileys/baileys.main.ts'
import { BAILEYS_CAPABILITIES } from '../providers/baileys/capabilities.ts'
import type { Provider } from '../providers/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

type Loaded = typeof Baileys

/**
 * What Baileys keeps of a message for a while outlives the young generation and dies soon after. V8 lets the old one grow to four
 * times what was alive before it looks: 350 MiB for 145 with twenty devices, where a look costs a pause of 25 ms.
 */
const HEAP_GROWTH_PERCENT = 60

/** Baileys and its GPL part are loaded with the first linked device, and never without one. */
export const lazyBaileys = (config: Pick<Config, 'localWhatsApp'>, clock: Clock, log: Log): Provider => {
  let loading: Promise<Provider> | null = null
  const load = async (): Promise<Provider> => {
    setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
    const script = new URL('../providers/baileys/baileys.main.ts', import.meta.url)
    const { baileysProvider } = (await import(script.href)) as Loaded
    return baileysProvider({ clock, log, local: config.localWhatsApp })
  }
  return {
    kind: 'baileys',
    capabilities: BAILEYS_CAPABILITIES,
    connect: async options => {
      loading ??= load()
      return (await loading).connect(options)
    },
  }
}
