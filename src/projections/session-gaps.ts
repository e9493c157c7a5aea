const HOUR_MS = 60 * 60_000
export const GAP_DAYS = 7

/**
 * What of a session's gaps fell into one hour. Kept by the hour so that a channel which comes and goes all day takes no
 * more room than one that was away once: at most a week of hours.
 */
export type GapHour = {
  /** Its beginning, in hours since 1970. */
  readonly hour: number
  /** Gaps that ended in it. */
  readonly count: number
  readonly seconds: number
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS)
const oldestBy = (at: number): number => hourOf(at) - GAP_DAYS * 24

/** The hours with one more gap; those more than a week before its end are forgotten. Times are ISO 8601. */
export const withGap = (
  known: readonly GapHour[],
  gap: { readonly from: string; readonly to: string },
): readonly GapHour[] => {
  const [from, to] = [Date.parse(gap.from), Math.max(Date.parse(gap.from), Date.parse(gap.to))]
  const oldest = oldestBy(to)
  const hours = new Map(known.filter(({ hour }) => hour >= oldest).map(one => [one.hour, one]))
  const add = (hour: number, count: number, ms: number): void => {
    const before = hours.get(hour) ?? { hour, count: 0, seconds: 0 }
    hours.set(hour, { hour, count: before.count + count, seconds: before.seconds + ms / 1_000 })
  }
  for (let hour = Math.max(hourOf(from), oldest); hour <= hourOf(to); hour++)
    add(hour, 0, Math.min(to, (hour + 1) * HOUR_MS) - Math.max(from, hour * HOUR_MS))
  add(hourOf(to), 1, 0)
  return [...hours.values()].sort((a, b) => a.hour - b.hour)
}

/** How often and how long nothing came in during the last week, to the hour. */
export const gapTotals = (known: readonly GapHour[], now: number): { count: number; seconds: number } => {
  const counting = known.filter(({ hour }) => hour >= oldestBy(now))
  return {
    count: counting.reduce((sum, { count }) => sum + count, 0),
    seconds: Math.round(counting.reduce((sum, { seconds }) => sum + seconds, 0)),
  }
}
