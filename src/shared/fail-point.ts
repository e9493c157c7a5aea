import { writeSync } from 'node:fs'

/**
 * Places between two steps of which one is durable and the other is not yet: where a crash would show what an order of
 * steps is worth. A test names one in `FAIL_POINT=<name>[:<nth>]`, and the process dies there, at its nth passing, as if
 * the power had gone. The list is closed, and `test/process/fail-points*.process.test.ts` reach every one of them, so
 * that none can rot. Without the variable a fail point is the call of an empty function.
 */
export const FAIL_POINTS = {
  'intake.received': 'An item came in; nothing of it is written.',
  'intake.alias-claimed': 'The first alias of a new person is claimed; there is no contact yet.',
  'intake.contact-created': 'The contact is there; the conversation is not.',
  'intake.conversation-started': 'The conversation is there; no ticket is claimed.',
  'intake.ticket-claimed': 'The conversation has claimed a ticket that is not written.',
  'intake.message-appended': 'Ticket and message are durable; nobody was told.',
  'intake.name-noted':
    "The contact's new name is durable; the channel was not told that we have the message.",
  'intake.status-recorded': 'How far a message got is durable; the channel was not told that we know.',
  'intake.dead-letter-recorded': 'What could not be processed is durable; the channel was not told.',
  'link.before-ack': 'All items of a delivery are durable; the acknowledgement is not written to the wire.',
  'link.acknowledged': 'The acknowledgement was handed to the socket.',
  'webhook.received': 'A signed delivery is in memory; nothing of it is durable.',
  'webhook.durable': 'All of a delivery is durable; the 200 is not sent.',
  'ticket.closed': 'The ticket is closed; its conversation is not released.',
  'ticket.released': 'Ticket and conversation are done; the asker has no answer.',
  'send.queued': 'The message is durable; nobody has rung for it.',
  'send.before-ring': 'A reaction is about to ring for a message.',
  'send.rung': 'The job is in the queue; the checkpoint is not moved.',
  'send.job-taken': 'A job was taken; nothing is looked at yet.',
  'send.sending': '`message.sending` is durable; nothing was written to the wire.',
  'send.before-wire': 'The link holds its lease and is about to write to the wire.',
  'wire.written': 'The frame was handed to the socket; the network may have it, no answer came.',
  'send.after-wire': 'The network said what it did with the message; nothing is recorded.',
  'send.outcome-recorded': 'The outcome is durable; the job is not done.',
  'send.job-done': 'The job has nothing left to do; the queue does not know.',
  'projection.before-commit': 'A batch is folded; nothing is written.',
  'projection.committed': 'Rows and checkpoint are written; nobody was told.',
  'projection.before-push': 'The rows can be read; no browser was told.',
  'projection.pushed': 'A batch was handed to the push.',
  'reaction.done': 'A reaction to one fact is done; its checkpoint is not written.',
  'reaction.before-checkpoint': 'The checkpoint is about to be written.',
  'reaction.checkpointed': 'The checkpoint is written.',
  'session.leased': 'The lease is ours; ownership is not in the log.',
  'session.owned': 'Ownership is in the log; the link is not opened.',
  'session.linked': 'The link was told to connect.',
  'session.connection-recorded': 'The log says that the session is connected; what waits was not rung for.',
  'vault.before-write': 'Something is about to be written to the vault.',
  'vault.written': 'The vault has it durably; the caller does not know.',
  'log.appended': 'Facts are in the log, of whatever kind; their actor does not know.',
  'merge.decided': 'A contact is merged into another; the other does not know.',
  'merge.absorbed': 'The contact that stays knows whom it stands for; their conversations are apart.',
  'merge.led-on':
    'Whoever was merged into the one that goes leads to the one that stays, which does not know.',
  'merge.parted': 'A contact no longer stands for another; what both had is not looked at yet.',
  'merge.released': 'A contact is a person of its own again; the one that stood for it does not know.',
  'merge.completed': 'A merge is said to be done; whoever saw to it does not know.',
  'live.closed':
    "A conversation's live ticket is closed on behalf of the server; the conversation is not released.",
  'live.released': 'Ticket and conversation are done; what they were ended for is not.',
  'join.ticket-claimed': 'A live ticket is claimed by the conversation that stays; the other claims it too.',
  'join.handed-over':
    'The conversation that stays knows the messages of the other, which is still one itself.',
  'join.redirected': 'A conversation leads to another; nobody was told.',
  'part.severed':
    'Nobody who was led here from a conversation writes here any more; the live ticket still takes it, and nobody writes there.',
  'part.ticket-severed':
    'Nor into the ticket that was live, if one was; nobody writes to the other conversation yet.',
  'part.restored': 'A conversation is one of its own again; nobody was told.',
  'erase.decided': 'A contact is erased; its key is still there.',
  'erase.key-destroyed': 'The key is gone; nothing else is.',
  'erase.alias-released': 'An address of somebody erased is free; others may not be yet.',
  'erase.forgotten': 'Addresses and live tickets are let go; the files are still there.',
  'erase.files-removed': 'The files are gone; dead letters are still there.',
  'erase.letter-erased': 'A dead letter is erased; there may be more, and the snapshots.',
  'erase.snapshots-removed': 'Everything is gone; the log does not say so.',
  'erase.completed': 'The log says that all of it is gone; whoever saw to it does not know.',
  'timer.due': 'A timer is due; its command was not asked.',
  'timer.fired': 'What a timer led to is durable; the table of timers does not show it.',
} as const
export type FailPoint = keyof typeof FAIL_POINTS

type Armed = { readonly point: FailPoint; readonly nth: number }
type Environment = Readonly<Record<string, string | undefined>>

const SYNTAX = /^([a-z.-]+?)(?::([1-9]\d{0,5}))?$/

/** What `FAIL_POINT` asks for; a text says why it is refused. Only tests (`NODE_ENV=test`) may have it. */
export const armedBy = (env: Environment): Armed | string | null => {
  const asked = env['FAIL_POINT']
  if (asked === undefined || asked === '') return null
  if (env['NODE_ENV'] !== 'test') return 'FAIL_POINT kills the process on purpose: only with NODE_ENV=test'
  const [, name = '', nth = '1'] = SYNTAX.exec(asked) ?? []
  if (!Object.hasOwn(FAIL_POINTS, name))
    return `FAIL_POINT ${asked} is none of: ${Object.keys(FAIL_POINTS).join(', ')}`
  return { point: name as FailPoint, nth: Number(nth) }
}

/** Passing is counted; at the nth the process says where it is, synchronously, and is gone. */
const dyingAt = ({ point, nth }: Armed): ((name: FailPoint) => void) => {
  let passed = 0
  return name => {
    if (name !== point || ++passed !== nth) return
    writeSync(2, `${JSON.stringify({ msg: 'fail point', failPoint: name })}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
}

const armed = armedBy(process.env)

/** The process ends here if a test asked for it; otherwise nothing happens. */
export const failPoint: (name: FailPoint) => void =
  armed === null || typeof armed === 'string' ? () => undefined : dyingAt(armed)
