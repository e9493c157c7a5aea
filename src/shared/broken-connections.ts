type Connection = { on(event: 'error', listener: (error: Error) => void): unknown }
type ConnectionPool = {
  on(event: 'error', listener: () => void): unknown
  on(event: 'connect', listener: (connection: Connection) => void): unknown
}

/**
 * Hears of every connection of a PostgreSQL pool that breaks off. The pool itself listens only to those that lie idle: one
 * that breaks in the hands of a transaction, between two statements, would otherwise end the process as an unheard
 * `error` event. Whoever holds it is told by its next statement, which fails.
 */
export const hearBrokenConnections = (pool: ConnectionPool, say: (error: Error) => void): void => {
  // Told by the connection itself already.
  pool.on('error', () => undefined)
  pool.on('connect', connection => void connection.on('error', say))
}
