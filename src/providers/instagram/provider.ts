import { pageProvider, type PageOptions } from '../meta/page-provider.ts'
import type { Provider } from '../provider.ts'
import { instagramChannel } from './channel.ts'

export const instagramProvider = (options: PageOptions): Provider => pageProvider(instagramChannel, options)
