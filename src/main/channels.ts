import type { Config } from '../config.ts'
import { cloudProvider } from '../providers/cloud/provider.ts'
import type { Provider } from '../providers/provider.ts'
import { startSimulatorNetwork } from '../providers/simulator/network.ts'
import { simulatorPhone, type SimulatorPhone } from '../providers/simulator/phone.ts'
import { simulatorProvider } from '../providers/simulator/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

export type Channels = {
  readonly providers: Partial<Record<Provider['kind'], Provider>>
  /** The customers' side of simulator sessions. */
  readonly phone: SimulatorPhone
  close(): Promise<void>
}

/** The channels of this release, with a simulated network in this process unless one runs elsewhere. */
export const openChannels = async (config: Config, clock: Clock, log: Log): Promise<Channels> => {
  const network = config.simulatorUrl ? null : await startSimulatorNetwork({ log, clock })
  const url = config.simulatorUrl ?? network?.url ?? ''
  const phone = simulatorPhone({ url, clock })
  return {
    providers: {
      simulator: simulatorProvider({ url, clock, log }),
      cloud: cloudProvider({ graphUrl: config.graphUrl, version: config.graphVersion, clock, log }),
    },
    phone,
    close: async () => {
      phone.close()
      await network?.close()
    },
  }
}
