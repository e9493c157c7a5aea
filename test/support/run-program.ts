import { spawn } from 'node:child_process'
import { once } from 'node:events'

export type Ended = { readonly code: number | null; readonly output: string }

/** Runs a program of ours to its end, in that environment only: what it said, and its exit code. */
export const runProgram = async (args: readonly string[], env: Record<string, string>): Promise<Ended> => {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
