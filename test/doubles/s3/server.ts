import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createBucket, errorReply, operationOf } from './bucket.ts'
import { refusedSignature } from './signature.ts'
import type { S3Fault, S3Operation, S3Reply } from './types.ts'

const STATUS_OF: Readonly<Record<string, number>> = {
  AuthorizationHeaderMalformed: 400,
  XAmzContentSHA256Mismatch: 400,
  NotImplemented: 501,
}
const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/**
 * A service that speaks S3, as a real HTTP server: one bucket in memory, signatures verified by its own reckoning,
 * multipart uploads, copies, ranges, and trouble on command.
 */
export type S3Server = Awaited<ReturnType<typeof startS3Server>>

export const startS3Server = async (account = ACCOUNT) => {
  const bucket = createBucket(account.bucket)
  const asked: S3Operation[] = []
  const ordered: { fault: S3Fault; on: S3Operation; after: number; times: number }[] = []
  let connections = 0

  const faultOn = (operation: S3Operation): S3Fault | null => {
    const found = ordered.find(({ on, times }) => on === operation && times > 0)
    if (!found) return null
    if (found.after-- > 0) return null
    found.times--
    return found.fault
  }

  const reply = (
    response: ServerResponse,
    { status, headers = {}, body = '' }: S3Reply,
    half: boolean,
  ): void => {
    const bytes = Buffer.from(body)
    response.writeHead(status, { 'content-length': bytes.length, ...headers })
    if (half) response.write(bytes.subarray(0, bytes.length >> 1))
    else response.end(bytes)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '/'
    const url = new URL(target, 'http://s3')
    const headers = request.headers as Record<string, string | undefined>
    const method = request.method ?? ''
    const body = await bodyOf(request)
    const refused = refusedSignature({ method, target, headers, body }, account, Date.now())
    if (refused) return reply(response, errorReply(STATUS_OF[refused] ?? 403, refused), false)
    const [, name, ...path] = url.pathname.split('/')
    if (name !== account.bucket) return reply(response, errorReply(404, 'NoSuchBucket'), false)
    const key = decodeURIComponent(path.join('/'))
    const operation = operationOf(method, key, url.searchParams, 'x-amz-copy-source' in headers)
    if (!operation) return reply(response, errorReply(501, 'NotImplemented'), false)
    asked.push(operation)
    const fault = faultOn(operation)
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'cut') return void request.socket.destroy()
    if (fault?.kind === 'error') {
      const { status, ...rest } = errorReply(fault.status, fault.code)
      return reply(response, { status: fault.in200 ? 200 : status, ...rest }, false)
    }
    const done = bucket.handle({ operation, key, query: url.searchParams, headers, body })
    if (fault?.kind === 'lost-answer') return void request.socket.destroy()
    reply(response, done, fault?.kind === 'half')
    if (fault?.kind === 'half' && fault.rest === 'cut') setImmediate(() => request.socket.destroy())
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  server.on('connection', socket => {
    connections++
    socket.on('close', () => connections--)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    address: { kind: 's3' as const, endpoint: `http://127.0.0.1:${port}`, prefix: '', ...account },
    objects: bucket.objects,
    uploads: bucket.uploads,
    /** What was asked, in order, faults included. */
    asked,
    connections: () => connections,
    /** Of the next requests of this kind, once `after` have passed, `times` go wrong like this. */
    fault(fault: S3Fault, on: S3Operation, { after = 0, times = 1 } = {}): void {
      ordered.push({ fault, on, after, times })
    },
    /** Bytes of the parts that lie here. */
    partBytes: (): number =>
      [...bucket.uploads.values()]
        .flatMap(({ parts }) => [...parts.values()])
        .reduce((sum, { bytes }) => sum + bytes.length, 0),
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) => server.close(error => (error ? reject(error) : resolve())))
    },
  }
}

const ACCOUNT = {
  accessKeyId: 'fio',
  secretAccessKey: 'a secret/with+marks%',
  region: 'us-east-1',
  bucket: 'fio-media',
}
