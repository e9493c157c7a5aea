import type { Clock } from '../../shared/clock.ts'

/** Questions that wait for their answer by number: each settles exactly once, by its answer, its time, or the end of the socket. */
export type Calls<Answer> = {
  /** Asks; `lost` is the answer when none comes. */
  ask(say: (id: number) => void, waitMs: number, lost: (why: 'timeout' | 'closed') => Answer): Promise<Answer>
  answer(id: number, answer: Answer): void
  closeAll(): void
}

export const createCalls = <Answer>(clock: Clock): Calls<Answer> => {
  const open = new Map<
    number,
    { settle: (answer: Answer) => void; lost: (why: 'timeout' | 'closed') => Answer }
  >()
  let last = 0
  return {
    ask: (say, waitMs, lost) =>
      new Promise<Answer>(resolve => {
        const id = ++last
        const cancel = clock.after(waitMs, () => settle(lost('timeout')))
        const settle = (answer: Answer) => {
          open.delete(id)
          cancel()
          resolve(answer)
        }
        open.set(id, { settle, lost })
        say(id)
      }),
    answer: (id, answer) => open.get(id)?.settle(answer),
    closeAll() {
      for (const call of [...open.values()]) call.settle(call.lost('closed'))
    },
  }
}
