import type { Config } from '../config.ts'
import type * as Baileys from '../providers/baileys/baileys.main.ts'
import { BAILEYS_CAPABILITIES } from '../providers/baileys/capabilities.ts'
import type { Provider } from '../providers/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

type Loaded = typeof Baileys

/** Baileys and its GPL part are loaded with the first linked device, and never without one. */
export const lazyBaileys = (config: Pick<Config, 'localWhatsApp'>, clock: Clock, log: Log): Provider => {
  let loading: Promise<Provider> | null = null
  const load = async (): Promise<Provider> => {
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
