/**
 * Leases say who may act for something that only one node may act for (a session, a projection runner). A lease is
 * about liveness; correctness rests on the fence that goes with it (a stream revision), never on the lease alone.
 */
export type Lease = {
  readonly name: string
  /** Whether it is still ours by the monotonic clock, with a third of its life kept as margin. */
  held(): boolean
  /** Aborts when the lease was lost or given up. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

export type Leases = {
  readonly kind: 'process' | 'redis'
  /** This node's name, unique per process start. */
  readonly node: string
  /** The lease, or `null` while another node has it. It renews itself until released or lost. */
  acquire(name: string): Promise<Lease | null>
  /** The node that holds it now. */
  holder(name: string): Promise<string | null>
  close(): Promise<void>
}
