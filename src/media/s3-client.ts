import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import type { S3Address } from './address.ts'
import { lateness, lossOf, refusalOf, S3Error } from './s3-error.ts'

const ATTEMPTS_MAX = 3
const FIRST_PAUSE_MS = 200
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

export type S3Timeouts = {
  /** For questions, and for each silence within a file that is read. */
  readonly answerMs: number
  /** For a part that is written, and for a copy that the service makes. */
  readonly transferMs: number
}
export const S3_TIMEOUTS: S3Timeouts = { answerMs: 20_000, transferMs: 120_000 }

export type S3Call = {
  /** As S3's reference calls it. */
  readonly does: string
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Within the bucket, prefix included; without it the bucket itself is meant. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer<ArrayBuffer>
  /** Longer or shorter than a question usually takes. */
  readonly withinMs?: number
  /** `false`: what failed is not tried again. POST never is: it makes something each time. */
  readonly again?: boolean
}
export type S3Answer = { readonly headers: Headers; readonly body: Buffer }

export type S3Client = {
  /** @throws S3Error when the answer was no, in a 200 too, or none came. */
  ask(call: S3Call): Promise<S3Answer>
  /** The bytes as they come; asked for when they are read. @throws S3Error */
  read(call: S3Call): AsyncIterable<Uint8Array>
}

/** Ends what takes longer, and stops waiting for the time once it is over. */
const timed = async <T>(work: Promise<T>, ms: number, stop: AbortController, does: string): Promise<T> => {
  const timer = setTimeout(() => stop.abort(lateness(does, ms)), ms)
  try {
    return await work
  } catch (error) {
    throw lossOf(does, stop.signal.aborted ? stop.signal.reason : error)
  } finally {
    clearTimeout(timer)
  }
}

const bounded = async (response: Response, does: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > ANSWER_BYTES_MAX)
      throw new S3Error(does, 'had too long an answer', { status: 0, code: null, passing: false })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Speaks S3 to one bucket: each request signed with the hash of its body, within a time, and safe ones tried again. */
export const createS3Client = (address: S3Address, { answerMs }: S3Timeouts): S3Client => {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = address
  const aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 })

  const send = async (call: S3Call, stop: AbortController): Promise<Response> => {
    const query = new URLSearchParams(call.query).toString()
    const request = await aws.sign(
      `${endpoint}/${bucket}${call.key === undefined ? '' : `/${call.key}`}${query && `?${query}`}`,
      {
        method: call.method,
        headers: {
          ...call.headers,
          'x-amz-content-sha256': createHash('sha256')
            .update(call.body ?? '')
            .digest('hex'),
        },
        ...(call.body ? { body: call.body } : {}),
      },
    )
    // Not signed, because proxies rewrite it. Compressed answers would not tell how long the file is.
    request.headers.set('accept-encoding', 'identity')
    return fetch(request, { signal: stop.signal, redirect: 'manual' })
  }

  const refuse = async (response: Response, does: string): Promise<never> => {
    throw refusalOf(does, response.status, (await bounded(response, does)).toString())
  }

  const answered = async (call: S3Call, stop: AbortController): Promise<S3Answer> => {
    const response = await send(call, stop)
    if (!response.ok) return refuse(response, call.does)
    const body = await bounded(response, call.does)
    // Long work is answered with 200 before it is done; what became of it stands in the body.
    if (call.method !== 'GET' && body.includes('<Error>')) throw refusalOf(call.does, 200, body.toString())
    return { headers: response.headers, body }
  }

  const tried = async <T>(call: S3Call, once: () => Promise<T>): Promise<T> => {
    const attempts = call.method === 'POST' || call.again === false ? 1 : ATTEMPTS_MAX
    for (let attempt = 1; ; attempt++) {
      try {
        return await once()
      } catch (error) {
        if (!(error instanceof S3Error) || !error.passing || attempt >= attempts) throw error
        await sleep(FIRST_PAUSE_MS * 4 ** (attempt - 1))
      }
    }
  }

  return {
    ask: call =>
      tried(call, () => {
        const stop = new AbortController()
        return timed(answered(call, stop), call.withinMs ?? answerMs, stop, call.does)
      }),
    async *read(call) {
      const { does } = call
      const stop = new AbortController()
      const response = await tried(call, () =>
        timed(
          send(call, stop).then(got => (got.ok ? got : refuse(got, does))),
          answerMs,
          stop,
          does,
        ),
      )
      const reader = response.body?.getReader()
      if (!reader) return
      try {
        for (;;) {
          // The time runs while the service is silent, not while our reader is slow.
          const { done, value } = await timed(reader.read(), answerMs, stop, does)
          if (done) return
          yield value
        }
      } finally {
        stop.abort()
        await reader.cancel().catch(() => undefined)
      }
    },
  }
}
