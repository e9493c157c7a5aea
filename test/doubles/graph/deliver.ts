import { createHmac } from 'node:crypto'

const DELIVERY_TRIES_MAX = 20

/** Posts one delivery as Meta does, signed. Answers the status that came. */
export const post = async (webhookUrl: string, payload: unknown, appSecret: string): Promise<number> => {
  const raw = Buffer.from(JSON.stringify(payload))
  const signature = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`
  const response = await fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
    body: raw,
    signal: AbortSignal.timeout(30_000),
  })
  await response.arrayBuffer()
  return response.status
}

/** As `post`, repeated while the answer is not 200, as Meta does (only without its long waits). */
export const deliver = async (
  webhookUrl: string,
  payload: unknown,
  appSecret: string,
): Promise<{ status: number; tries: number }> => {
  let status = 0
  for (let tries = 1; tries <= DELIVERY_TRIES_MAX; tries += 1) {
    status = await post(webhookUrl, payload, appSecret)
    if (status === 200 || status === 401 || status === 403) return { status, tries }
  }
  return { status, tries: DELIVERY_TRIES_MAX }
}
