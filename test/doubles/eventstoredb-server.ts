import { randomUUID } from 'node:crypto'
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js'
import { openEmbeddedStore } from '../../src/eventstore/embedded.ts'
import type { EventStore, Position } from '../../src/eventstore/port.ts'
import { appendHandler, batchAppendHandler, type AppendContext } from './eventstoredb-append.ts'
import { deleteHandler, makeDeletions, tombstoneHandler, type Deletions } from './eventstoredb-deletions.ts'
import { makeFaults, type Faults } from './eventstoredb-faults.ts'
import { gossipHandler, type Member } from './eventstoredb-gossip.ts'
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
  /** Appends that came by BatchAppend so far. */
  batchAppends(): number
  /** From now on it gets nothing new of the log, unless it leads. */
  fallBehind(): Promise<void>
  /** Cuts every connection; new ones are served again at once. */
  cut(): Promise<void>
  /** Stops listening and cuts every connection until `start`: an outage without losing data. */
  pause(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

type NodeOptions = {
  /** Default: any free port. */
  readonly port?: number
  /** Whether it offers BatchAppend, as servers since 21.10 do. */
  readonly batch?: boolean
  /** PEM. Default: no TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string }
}
export type EventStoreDbServerOptions = NodeOptions & { readonly folder: string }

/** Nodes over one store, one of which leads; the others refuse appends and say who does. */
export type EventStoreDbCluster = {
  readonly nodes: readonly EventStoreDbServer[]
  /** From now on this one leads. */
  elect(node: number): void
  stop(): Promise<void>
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

type NodeContext = AppendContext & { readonly batch: boolean; members(): readonly Member[] }

const makeGrpcServer = (context: NodeContext, read: ReturnType<typeof readHandler>): Server => {
  const server = new Server({ 'grpc.max_receive_message_length': RECEIVE_BYTES_MAX })
  server.addService(streamsService.StreamsService, {
    append: appendHandler(context),
    batchAppend: batchAppendHandler(context),
    read,
    delete: deleteHandler(context.deletions),
    tombstone: tombstoneHandler(context.deletions),
  } as UntypedServiceImplementation)
  server.addService(featuresService.ServerFeaturesService, {
    getSupportedMethods: supportedMethods(context.batch),
  })
  server.addService(gossipService.GossipService, {
    read: gossipHandler(context.members, context.faults.gate),
  })
  return server
}

const credentialsOf = ({ tls }: NodeOptions): ServerCredentials =>
  tls
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) },
      ])
    : ServerCredentials.createInsecure()

const bind = (server: Server, port: number, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) =>
    server.bindAsync(`${HOST}:${port}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )

/** A real log is full of the server's own events; clients have to leave them out. */
const appendSystemEvents = async (store: EventStore): Promise<void> => {
  const event = (type: string) => ({ id: randomUUID(), type, data: { pid: process.pid }, metadata: {} })
  await store.append('$$settings', 'any', [event('$metadata')])
  await store.append(`$stats-${HOST}`, 'any', [event('$statsCollected'), event('statsWithoutDollar')])
}

type Cluster = { leader(): Member; members(): readonly Member[] }
type Node = EventStoreDbServer & { readonly member: Omit<Member, 'leads'> }

const startNode = async (
  store: EventStore,
  deletions: Deletions,
  cluster: (own: () => Member) => Cluster,
  options: NodeOptions,
): Promise<Node> => {
  const faults = makeFaults()
  let port = options.port ?? 0
  let sent = 0
  let batchAppends = 0
  let server: Server | null = null
  let behindAt: Position | null = null
  const own = (): Member => ({ host: HOST, port, leads: true, alive: server !== null })
  const { leader, members } = cluster(own)

  const pause = async (): Promise<void> => {
    server?.forceShutdown()
    server = null
  }
  const start = async (): Promise<void> => {
    const context: NodeContext = {
      store,
      deletions,
      faults,
      leader,
      leads: () => leader().port === port,
      members,
      asked: by => void (batchAppends += by === 'batchAppend' ? 1 : 0),
      cut: () => void cut(),
      batch: options.batch ?? true,
    }
    const read = readHandler({ ...context, behindAt: () => behindAt, sent: () => void sent++ })
    const fresh = makeGrpcServer(context, read)
    port = await bind(fresh, port, credentialsOf(options))
    server = fresh
  }
  const cut = async (): Promise<void> => {
    await pause()
    await start()
  }

  await start()
  return {
    port,
    connectionString: `esdb://${HOST}:${port}?tls=${options.tls ? 'true' : 'false'}`,
    faults,
    get member() {
      return own()
    },
    eventsSent: () => sent,
    batchAppends: () => batchAppends,
    fallBehind: async () => void (behindAt = await store.head()),
    cut,
    pause,
    start,
    stop: async () => {
      faults.recover()
      await pause()
    },
  }
}

const openStore = async (folder: string): Promise<EventStore> => {
  const store = await openEmbeddedStore({ folder, systemNames: true })
  await appendSystemEvents(store)
  return store
}

export const startEventStoreDbServer = async (
  options: EventStoreDbServerOptions,
): Promise<EventStoreDbServer> => {
  const store = await openStore(options.folder)
  const alone = (own: () => Member): Cluster => ({ leader: own, members: () => [own()] })
  const node = await startNode(store, makeDeletions(store), alone, options)
  const stop = async (): Promise<void> => {
    await node.stop()
    await store.close()
  }
  return { ...node, stop }
}

export const startEventStoreDbCluster = async (options: {
  readonly folder: string
  readonly nodes: number
}): Promise<EventStoreDbCluster> => {
  const store = await openStore(options.folder)
  const deletions = makeDeletions(store)
  const nodes: Node[] = []
  let leading = 0
  const cluster = (): Cluster => ({
    leader: () => ({ ...nodes[leading]!.member, leads: true }),
    members: () => nodes.map(({ member }, n) => ({ ...member, leads: n === leading })),
  })
  for (let n = 0; n < options.nodes; n++) nodes.push(await startNode(store, deletions, cluster, {}))
  return {
    nodes,
    elect: node => void (leading = node),
    stop: async () => {
      for (const node of nodes) await node.stop()
      await store.close()
    },
  }
}
