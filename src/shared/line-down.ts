const LINE_DOWN = /unavailable|timeout|timed out|connect|terminated|closed|abort/i

/** Whether something failed because it could not be reached, as opposed to what it answered: then it may be asked again. */
export const isLineDown = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    LINE_DOWN.test(error.name) || LINE_DOWN.test(error.message) || (code !== '' && !code.startsWith('ERR_'))
  )
}
