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
  /**
   * Calls `look` once, when the lease that another has may be free: it was given up, or its life has ended. A holder that
   * goes on renewing it makes the call a look in vain; then watch again. Answers how to stop waiting.
   */
  whenFree(name: string, look: () => void): () => void
  /** Says to the other nodes that this one can do its work. */
  sayWell(): Promise<void>
  /** Whether any other node said lately that it can. */
  othersWell(): Promise<boolean>
  /** Gives up everything and takes nothing until it is called with `false`: others may do what this node cannot. */
  standAside(aside: boolean): Promise<void>
  close(): Promise<void>
}
