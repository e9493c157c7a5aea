/** How long after the customer's last word a channel lets one write freely. */
type WritingWindow = {
  /** In hours; `null`: always. */
  readonly windowHours: number | null
  /** What a person writes, where the session says that people answer (`humanAgentTag`); absent: no longer than all else. */
  readonly humanAgentHours?: number
}

/**
 * The hours that hold for one message. The one place where this is decided: asked before a message is queued, and again
 * before it goes out, since it may have waited meanwhile.
 */
export const windowHoursOf = (
  { windowHours, humanAgentHours }: WritingWindow,
  { humanAgentTag, byPerson }: { readonly humanAgentTag: boolean; readonly byPerson: boolean },
): number | null =>
  windowHours !== null && humanAgentHours !== undefined && humanAgentTag && byPerson
    ? Math.max(windowHours, humanAgentHours)
    : windowHours
