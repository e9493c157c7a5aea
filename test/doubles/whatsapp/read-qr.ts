import { Jimp } from 'jimp'
import jsQR from 'jsqr'

/** The text of the QR code in a picture, as a phone's camera reads it. */
export const readQr = async (wish: unknown): Promise<{ qr: string }> => {
  const picture = wish && typeof wish === 'object' && 'picture' in wish ? wish.picture : null
  if (!(picture instanceof Uint8Array)) throw new Error('there is no picture')
  const { bitmap } = await Jimp.read(Buffer.from(picture))
  const found = jsQR.default(new Uint8ClampedArray(bitmap.data), bitmap.width, bitmap.height)
  if (!found) throw new Error('no QR code is in the picture')
  return { qr: found.data }
}
