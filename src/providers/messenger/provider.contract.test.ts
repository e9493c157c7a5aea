import { pageStage } from '../../../test/support/page-stage.ts'
import { providerContract } from '../contract.ts'
import { messengerChannel } from './channel.ts'
import { messengerProvider } from './provider.ts'

providerContract(
  'Messenger',
  {
    credentials: true,
    capabilities: messengerChannel.capabilities,
    receives: [
      'text',
      'image',
      'video',
      'audio',
      'document',
      'sticker',
      'location',
      'interactive',
      'unsupported',
      'reaction',
      'edit',
      'revoke',
    ],
    receipts: 'watermark',
  },
  () => pageStage('page', messengerProvider),
)
