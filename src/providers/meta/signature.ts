import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whether `X-Hub-Signature-256` (`sha256=<hex>`) is the app's signature over exactly these bytes. */
export const verifySignature = (
  rawBody: Buffer,
  header: string | null | undefined,
  appSecret: string,
): boolean => {
  const match = /^sha256=([0-9a-f]{64})$/i.exec(header ?? '')
  if (!match || appSecret === '') return false
  const said = Buffer.from(match[1]!, 'hex')
  const right = createHmac('sha256', appSecret).update(rawBody).digest()
  return timingSafeEqual(said, right)
}

/** The header that Meta would send with these bytes. */
export const signatureOf = (rawBody: Buffer, appSecret: string): string =>
  `sha256=${createHmac('sha256', appSecret).update(rawBody).digest('hex')}`

/**
 * The answer to Meta's verification request (`hub.mode=subscribe&hub.verify_token=…&hub.challenge=…`): the challenge to
 * echo as plain text, or `null` when it is to be refused with 403.
 */
export const answerVerification = (
  query: Readonly<Record<string, string | undefined>>,
  verifyToken: string,
): string | null => {
  const token = query['hub.verify_token']
  if (query['hub.mode'] !== 'subscribe' || token === undefined || verifyToken === '') return null
  const digest = (text: string) => createHmac('sha256', 'verify').update(text).digest()
  return timingSafeEqual(digest(token), digest(verifyToken)) ? (query['hub.challenge'] ?? null) : null
}
