import { randomUUID } from 'node:crypto'
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'
import type { EventStore } from '../../src/eventstore/port.ts'
import { appendHandler, batchAppendHandler, type AppendContext } from './eventstoredb-append.ts'
import { makeFaults, type Faults } from './eventstoredb-faults.ts'
import { readHandler } from './eventstoredb-read.ts'

/**
 * EventStoreDB's protocol over a real socket, on the service definitions that its own client ships, kept by the
 * embedded store: what was acknowledged survives kill -9. It can be told to misbehave (`faults`, `cut`).
 */
export type EventStoreDbServer = {
  readonly port: number
  readonly connectionString: string
  readonly faults: Faults
  /** Events that were sent to subscribers so far. */
  eventsSent(): number
  /** Cuts every connection; new ones are served again at once. */
  cut(): Promise<void>
  /** Stops listening and cuts every connection until `start`: an outage without losing data. */
  pause(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export type EventStoreDbServerOptions = {
  readonly folder: string
  /** Default: any free port. */
  readonly port?: number
  /** Whether it offers BatchAppend, as servers since 21.10 do. */
  readonly batch?: boolean
}

const HOST = '127.0.0.1'
const RECEIVE_BYTES_MAX = 17 * 1024 * 1024

const supportedMethods =
  (batch: boolean) => (_: unknown, answer: sendUnaryData<features.SupportedMethods>) => {
    const supported = new features.SupportedMethods()
    supported.setEventStoreServerVersion('23.10.0')
    for (const name of ['append', 'read', ...(batch ? ['batchappend'] : [])]) {
      const method = new features.SupportedMethod()
      method.setServiceName('event_store.client.streams.streams')
      method.setMethodName(name)
      supported.addMethods(method)
    }
    answer(null, supported)
  }

const unimplemented = (_: unknown, answer: sendUnaryData<never>): void =>
  answer({ code: status.UNIMPLEMENTED })

const makeGrpcServer = (
  context: AppendContext & { batch: boolean },
  read: ReturnType<typeof readHandler>,
): Server => {
  const server = new Server({ 'grpc.max_receive_message_length': RECEIVE_BYTES_MAX })
  server.addService(streamsService.StreamsService, {
    append: appendHandler(context),
    batchAppend: batchAppendHandler(context),
    read,
    delete: unimplemented,
    tombstone: unimplemented,
  } as UntypedServiceImplementation)
  server.addService(featuresService.ServerFeaturesService, {
    getSupportedMethods: supportedMethods(context.batch),
  })
  return server
}

const bind = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) =>
    server.bindAsync(`${HOST}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )

/** A real log is full of the server's own events; clients have to leave them out. */
const appendSystemEvents = async (store: EventStore): Promise<void> => {
  const event = (type: string) => ({ id: randomUUID(), type, data: { pid: process.pid }, metadata: {} })
  await store.append('$$settings', 'any', [event('$metadata')])
  await store.append(`$stats-${HOST}`, 'any', [event('$statsCollected'), event('statsWithoutDollar')])
}

export const startEventStoreDbServer = async (
  options: EventStoreDbServerOptions,
): Promise<EventStoreDbServer> => {
  const store = await openEmbeddedStore({ folder: options.folder, systemNames: true })
  await appendSystemEvents(store)
  const faults = makeFaults()
  let port = options.port ?? 0
  let sent = 0
  let server: Server | null = null

  const pause = async (): Promise<void> => {
    server?.forceShutdown()
    server = null
  }
  const start = async (): Promise<void> => {
    const context = {
      store,
      faults,
      leader: () => ({ host: HOST, port }),
      cut: () => void cut(),
      batch: options.batch ?? true,
    }
    const fresh = makeGrpcServer(
      context,
      readHandler(store, faults, () => void sent++),
    )
    port = await bind(fresh, port)
    server = fresh
  }
  const cut = async (): Promise<void> => {
    await pause()
    await start()
  }

  await start()
  return {
    port,
    connectionString: `esdb://${HOST}:${port}?tls=false`,
    faults,
    eventsSent: () => sent,
    cut,
    pause,
    start,
    stop: async () => {
      faults.recover()
      await pause()
      await store.close()
    },
  }
}
