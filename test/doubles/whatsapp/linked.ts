import type { UserFacingSocketConfig } from '@whiskeysockets/baileys'
import { until } from '../../support/until.ts'
import { baileysClient, type BaileysClient } from './baileys-client.ts'
import type { WhatsApp } from './whatsapp.ts'

export const SHOP = '5511900000001'
export const ANA = '5511900000002'
export const BIA = '5511900000003'

/** A client that is paired with that number and online. */
export const linked = async (
  whatsapp: Pick<WhatsApp, 'scan' | 'url' | 'rootPublicKey'>,
  number = SHOP,
  options: Partial<UserFacingSocketConfig> = {},
): Promise<BaileysClient> => {
  const client = baileysClient(whatsapp, options)
  const qr = await until('a QR code', () => client.qr)
  await whatsapp.scan({ qr, number })
  await client.open()
  return client
}

/** The message of that id, when it has come and could be opened. */
export const arrived = async (client: BaileysClient, id: string) =>
  until(`message ${id}`, () =>
    client.messages.find(({ message }) => message.key.id === id && message.message),
  )
