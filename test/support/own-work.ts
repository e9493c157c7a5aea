/** Facts that a server writes about itself: who owns which session, and the signed roots of the log. */
export const isOwnWork = ({ stream }: { readonly stream: string }): boolean =>
  stream.startsWith('session-') || stream.startsWith('audit-')
