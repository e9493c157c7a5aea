import { headOf, listHeads, placeOf, rootHash, type Head, type ListedHead } from './heads.ts'
import type { EventStore, Position, StoredEvent } from './port.ts'
import { readRoots, type Root } from './roots.ts'
import { isSigned } from './signing.ts'
import { noTurns, type ShortTurns } from '../shared/short-turns.ts'

/**
 * Is the log what was written? Two things say so, and they see different changes:
 *
 *   chain   each event carries the hash of the one before it in its stream: sees a changed, swapped or missing event that
 *           another one follows
 *   roots   once a day all heads are listed and signed: see the end of a stream changed or cut off, and a stream that was
 *           written anew with hashes that fit
 *
 * One pass over the whole log in its order, beside the roots in theirs; memory is one head for each stream. What came
 * after the last root is covered by the chain alone. Whoever has the signing key can sign another past: roots that were
 * exported (`known`) and kept elsewhere see that too.
 */
export type Finding = {
  readonly what:
    'altered' | 'missing' | 'out-of-order' | 'rewritten' | 'unsigned' | 'root-forged' | 'root-missing'
  readonly stream: string
  /** The first fact that is not what it was; for `rewritten`, the first that may not be. */
  readonly revision: number
  readonly position: string | null
  readonly detail: string
}
export type Verified = {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  readonly roots: number
  /** Up to where the last root reaches, and when it was signed. */
  readonly root: {
    readonly ordinal: number
    readonly place: string
    readonly hash: string
    readonly at: string
  } | null
  /** The first is the earliest in the log. */
  readonly findings: readonly Finding[]
}
export type KnownRoot = Pick<Root, 'ordinal' | 'place' | 'hash'>
export type VerifyOptions = {
  /** Of this installation, from where only its operator writes. */
  readonly publicKey: string
  /** Roots that were kept elsewhere. */
  readonly known?: readonly KnownRoot[]
  readonly onProgress?: (events: number, position: string) => void
  readonly signal?: AbortSignal
  /** For a server, which serves meanwhile. */
  readonly turns?: ShortTurns
}

const PROGRESS_EVERY = 5_000
export const FINDINGS_MAX = 100

type Walked = Head & { readonly position: Position }

const checkRoots = async (roots: readonly Root[], options: VerifyOptions): Promise<Finding[]> => {
  const findings: Finding[] = []
  let previous = ''
  for (const [i, root] of roots.entries()) {
    const say = (what: Finding['what'], detail: string): void => {
      const { stream, revision, position } = root
      findings.push({ what, stream, revision, position, detail: `root ${root.ordinal} ${detail}` })
    }
    if (root.ordinal !== i + 1) say('root-missing', `stands where root ${i + 1} should`)
    else if (root.previous !== previous) say('root-forged', 'does not follow the root before it')
    if ((await rootHash(root, root.heads, options.turns ?? noTurns)) !== root.hash)
      say('root-forged', 'is not the hash of the heads listed for it')
    if (!isSigned(options.publicKey, root.hash, root.signature))
      say('unsigned', 'does not carry the signature of this installation')
    previous = root.hash
  }
  for (const known of options.known ?? []) {
    const here = roots.find(({ ordinal }) => ordinal === known.ordinal)
    if (here?.hash === known.hash && here.place === known.place) continue
    findings.push({
      what: here ? 'root-forged' : 'root-missing',
      stream: here?.stream ?? roots[0]?.stream ?? 'audit',
      revision: here?.revision ?? -1,
      position: here?.position ?? null,
      detail: `root ${known.ordinal} is not the one that was exported`,
    })
  }
  return findings
}

/** The chain: does this event follow what was seen of its stream? */
const checkLink = (event: StoredEvent, before: Walked | undefined): Finding | null => {
  const { stream, revision, position } = event
  const expected = (before?.revision ?? -1) + 1
  if (revision !== expected)
    return {
      what: revision > expected ? 'missing' : 'out-of-order',
      stream,
      revision: expected,
      position,
      detail: `${stream}@${revision} follows revision ${expected - 1}`,
    }
  if (event.metadata['prev'] === (before?.hash ?? '')) return null
  return {
    what: 'altered',
    stream,
    revision: Math.max(0, revision - 1),
    position: before?.position ?? position,
    detail: before
      ? `${stream}@${revision} carries another hash of revision ${revision - 1} than this has`
      : `${stream}@0 says that something came before it`,
  }
}

/** The roots: is every head, where this root stands, the one that was signed? */
const checkHeads = (
  { ordinal, heads }: Root,
  walked: ReadonlyMap<string, Walked>,
  touched: ReadonlySet<string>,
  signed: ReadonlyMap<string, number>,
): Finding[] => {
  const findings: Finding[] = []
  const say = (
    what: Finding['what'],
    [stream, revision]: readonly [string, number],
    detail: string,
  ): void => {
    const position = walked.get(stream)?.position ?? null
    findings.push({ what, stream, revision, position, detail: `${stream}: ${detail} root ${ordinal}` })
  }
  for (const [stream, revision, hash] of heads) {
    const head = walked.get(stream)
    if (!head || head.revision < revision)
      say('missing', [stream, (head?.revision ?? -1) + 1], `ends before revision ${revision}, signed by`)
    else if (head.revision > revision)
      say('out-of-order', [stream, revision + 1], `goes further than signed by`)
    else if (head.hash !== hash) {
      const since = (signed.get(stream) ?? -1) + 1
      const what = since === revision ? 'altered' : 'rewritten'
      say(what, [stream, since], `revisions ${since} to ${revision} are not those signed by`)
    }
  }
  const listed = new Set(heads.map(([stream]) => stream))
  for (const stream of touched)
    if (!listed.has(stream)) say('out-of-order', [stream, 0], 'was not there when it was signed by')
  return findings
}

/** Walks the whole log. Reads only. @throws StoreUnavailable, or what `signal` aborts with */
export const verifyLog = async (store: EventStore, options: VerifyOptions): Promise<Verified> => {
  const { turns = noTurns } = options
  const roots = await readRoots(store)
  const findings: Finding[] = await checkRoots(roots, options)
  const walked = new Map<string, Walked>()
  const signed = new Map<string, number>()
  let touched = new Set<string>()
  let events = 0
  let next = 0
  const passRoots = (place: string | null): void => {
    for (; next < roots.length && (place === null || roots[next]!.place < place); next++) {
      const root = roots[next]!
      findings.push(...checkHeads(root, walked, touched, signed))
      for (const [stream, revision] of root.heads) signed.set(stream, revision)
      touched = new Set()
    }
  }
  for await (const event of store.readAll()) {
    passRoots(placeOf(event.position))
    const finding = checkLink(event, walked.get(event.stream))
    if (finding) findings.push(finding)
    walked.set(event.stream, { ...headOf(event), position: event.position })
    touched.add(event.stream)
    if (++events % PROGRESS_EVERY === 0) {
      options.onProgress?.(events, event.position)
      options.signal?.throwIfAborted()
    }
    if (turns.over()) await turns.rest()
  }
  passRoots(null)
  const last = roots.at(-1)
  return {
    ok: findings.length === 0,
    events,
    streams: walked.size,
    roots: roots.length,
    root: last ? { ordinal: last.ordinal, place: last.place, hash: last.hash, at: last.at } : null,
    findings: findings.filter(isNews(findings)).sort(byPosition).slice(0, FINDINGS_MAX),
  }
}

/** Where the chain names the very fact, a root that only says from where on adds nothing. */
const isNews =
  (all: readonly Finding[]) =>
  ({ what, stream, revision }: Finding): boolean =>
    what !== 'rewritten' ||
    !all.some(other => other.what === 'altered' && other.stream === stream && other.revision >= revision)

const byPosition = (a: Finding, b: Finding): number => ((a.position ?? '~') < (b.position ?? '~') ? -1 : 1)

/** The heads of all streams written after a place, as they are now, and up to where that is. */
export const headsSince = async (
  store: EventStore,
  place: string | null,
  turns: ShortTurns,
): Promise<{ readonly heads: readonly ListedHead[]; readonly place: string | null }> => {
  // Heads and not events: those of a busy day, held until its end, are more than the server has in use.
  const heads = new Map<string, Head>()
  const after = place === null ? {} : { after: `${store.epoch}${place}` as Position }
  let reached: string | null = place
  for await (const event of store.readAll(after)) {
    heads.set(event.stream, headOf(event))
    reached = placeOf(event.position)
    if (turns.over()) await turns.rest()
  }
  return { heads: await listHeads(heads, turns), place: reached }
}
