import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/**
 * What a process outside of the servers knows for certain, one line a fact, on a disk of its own: written before anything
 * else happens, and read back from there by whoever judges. No server knows of it.
 */
type Line =
  | { readonly t: 'handed-in'; readonly who: string; readonly n: number }
  | { readonly t: 'accepted'; readonly who: string; readonly n: number }
  | { readonly t: 'replied'; readonly who: string; readonly n: number; readonly id: string }

/** One person's side of it. */
export type Account = {
  /** Numbers of the messages, in the order in which they were handed in. */
  readonly handedIn: number[]
  /** Those that the server said are durable, each once. */
  readonly accepted: Set<number>
  /** The replies to this person that the server said are queued, in their order. */
  readonly replies: { readonly n: number; readonly id: string }[]
}

export type Ledger = {
  /** Said before a message leaves. */
  handedIn(who: string, n: number): void
  /** Said when the server answered that it is durable. */
  accepted(who: string, n: number): void
  /** Said when the server answered that the reply `n` is queued. */
  replied(who: string, n: number, id: string): void
  /** How many messages were accepted so far. */
  count(): number
  /** Everything that stands in the file. */
  read(): ReadonlyMap<string, Account>
  close(): void
}

const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Line)

/** A new ledger in that file. */
export const openLedger = (file: string): Ledger => {
  const fd = openSync(file, 'wx')
  const note = (line: Line): void => void writeSync(fd, `${JSON.stringify(line)}\n`)
  let count = 0
  return {
    handedIn: (who, n) => note({ t: 'handed-in', who, n }),
    accepted: (who, n) => {
      note({ t: 'accepted', who, n })
      count += 1
    },
    replied: (who, n, id) => note({ t: 'replied', who, n, id }),
    count: () => count,
    read: () => {
      const accounts = new Map<string, Account>()
      for (const line of linesOf(file)) {
        const account = accounts.get(line.who) ?? { handedIn: [], accepted: new Set(), replies: [] }
        accounts.set(line.who, account)
        if (line.t === 'handed-in') account.handedIn.push(line.n)
        else if (line.t === 'accepted') account.accepted.add(line.n)
        else account.replies.push({ n: line.n, id: line.id })
      }
      return accounts
    },
    close: () => closeSync(fd),
  }
}
