import { pageStage } from '../../../test/support/page-stage.ts'
import { providerContract } from '../contract.ts'
import { instagramChannel } from './channel.ts'
import { instagramProvider } from './provider.ts'

providerContract(
  'Instagram',
  {
    credentials: true,
    capabilities: instagramChannel.capabilities,
    receives: ['text', 'image', 'video', 'audio', 'interactive', 'unsupported', 'reaction', 'edit', 'revoke'],
    receipts: 'watermark',
  },
  () => pageStage('instagram', instagramProvider),
)
