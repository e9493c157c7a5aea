import type { Provider } from '../provider.ts'
import { SIMULATED_HEALTH, SIMULATED_TEMPLATES, SIMULATOR_CAPABILITIES } from './capabilities.ts'
import { openLink, type LinkOptions } from './link.ts'

/** The simulated channel: one WebSocket per session to the simulated network. */
export const simulatorProvider = (options: LinkOptions): Provider => ({
  kind: 'simulator',
  capabilities: SIMULATOR_CAPABILITIES,
  connect: async request => openLink(request, options),
  inspect: () => ({ health: async () => SIMULATED_HEALTH, templates: async () => SIMULATED_TEMPLATES }),
})
