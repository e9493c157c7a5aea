import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

/**
 * One process for one folder. The lock is a listening socket whose name is made of the folder's device and inode: the
 * kernel gives a name to one listener only and takes it back when the process dies, however it dies, so a lock can be
 * neither shared nor left behind. Linux (abstract socket) and Windows (pipe) have such names; elsewhere a socket file
 * in the temporary folder does it, and a file that nobody answers on is what a dead process left.
 */

/** Another process (or another opening in this one) has the folder. */
export class StoreLocked extends Error {
  constructor(folder: string) {
    super(`${folder} is in use by another process: an embedded store serves one process only`)
    this.name = 'StoreLocked'
  }
}

const lockName = async (folder: string): Promise<string> => {
  const { dev, ino } = await stat(folder, { bigint: true })
  const name = `fio-store-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32)}`
  if (process.platform === 'linux') return `\0${name}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

const listen = (name: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', reject)
    // `exclusive`: a cluster worker would otherwise borrow the socket of its primary.
    server.listen({ path: name, exclusive: true }, () => resolve(server.unref()))
  })

const answers = (name: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(name, () => resolve(socket.destroy() !== undefined))
    socket.once('error', () => resolve(false))
  })

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

/** Takes the folder until the returned function is called or the process ends. @throws StoreLocked */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const name = await lockName(folder)
  const server = await listen(name).catch(async (error: unknown) => {
    if (!isTaken(error)) throw error
    const isFile = process.platform !== 'linux' && process.platform !== 'win32'
    if (!isFile || (await answers(name))) throw new StoreLocked(folder)
    await rm(name, { force: true })
    return listen(name)
  })
  return () => new Promise(resolve => server.close(() => resolve()))
}
