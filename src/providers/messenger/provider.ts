import { pageProvider, type PageOptions } from '../meta/page-provider.ts'
import type { Provider } from '../provider.ts'
import { messengerChannel } from './channel.ts'

export const messengerProvider = (options: PageOptions): Provider => pageProvider(messengerChannel, options)
