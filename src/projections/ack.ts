import type { Ack } from '../events/message.ts'

const RANK: { readonly [A in Ack]: number } = {
  queued: 0,
  sending: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  played: 5,
  failed: -1,
  unknown: -1,
  received: -1,
}

/**
 * How far a message got once `told` was heard. Acks never go backwards, in whatever order a channel tells them:
 * a late `sent` lowers nothing; what failed or is unknown is resolved by proof that it arrived; only an unknown
 * outcome believes a mere `sent`, because a failure told after it is the newer word.
 */
export const nextAck = (now: Ack, told: Ack): Ack => {
  if (now === 'received') return now
  if (told === 'failed') return RANK[now] >= RANK.delivered ? now : told
  if (told === 'unknown') return now === 'queued' || now === 'sending' ? told : now
  if (now === 'failed') return RANK[told] >= RANK.delivered || told === 'sending' ? told : now
  if (now === 'unknown') return RANK[told] >= RANK.sending ? told : now
  return RANK[told] > RANK[now] ? told : now
}

/** Back in the queue, by an agent's wish or because the channel was not there: the one step back, and not once it was sent. */
export const requeuedAck = (now: Ack): Ack => (RANK[now] >= RANK.sent || now === 'received' ? now : 'queued')
