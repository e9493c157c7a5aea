import type { Config } from '../config.ts'
import { cloudProvider } from '../providers/cloud/provider.ts'
import { instagramChannel } from '../providers/instagram/channel.ts'
import { instagramProvider } from '../providers/instagram/provider.ts'
import { messengerChannel } from '../providers/messenger/channel.ts'
import { messengerProvider } from '../providers/messenger/provider.ts'
import { pageDirectory, type PageDirectory } from '../providers/meta/page-directory.ts'
import type { Provider } from '../providers/provider.ts'
import { startSimulatorNetwork } from '../providers/simulator/network.ts'
import { simulatorPhone, type SimulatorPhone } from '../providers/simulator/phone.ts'
import { simulatorProvider } from '../providers/simulator/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import { lazyBaileys } from './lazy-baileys.ts'

export type Channels = {
  readonly providers: Partial<Record<Provider['kind'], Provider>>
  /** Who is who on Messenger and Instagram, asked beside the way of a message. */
  readonly pages: Readonly<Record<'messenger' | 'instagram', PageDirectory>>
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
      messenger: messengerProvider({ graphUrl: config.graphUrl, version: config.graphVersion, clock, log }),
      instagram: instagramProvider({ graphUrl: config.graphUrl, version: config.graphVersion, clock, log }),
      baileys: lazyBaileys(config, clock, log),
    },
    pages: {
      messenger: pageDirectory(messengerChannel, {
        graphUrl: config.graphUrl,
        version: config.graphVersion,
        clock,
      }),
      instagram: pageDirectory(instagramChannel, {
        graphUrl: config.graphUrl,
        version: config.graphVersion,
        clock,
      }),
    },
    phone,
    close: async () => {
      phone.close()
      await network?.close()
    },
  }
}
