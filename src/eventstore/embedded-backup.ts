import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkInChild } from './embedded-check.ts'
import { markBackup } from './embedded-state.ts'
import { lastOrdinal, LOG_FILE, openTables } from './embedded-tables.ts'

/**
 * Copies of an embedded log. lmdb lets other processes read while one writes, each in a snapshot of its own: a copy needs
 * nothing of the server that has the log open, and holds whole commits only.
 */
export type CopiedLog = { readonly epoch: string; readonly events: number }

const CHECK_SECONDS_MAX = 3_600

/** Copies the log as of now, also while a server writes to it, and checks the copy from end to end. @throws StoreDamaged */
export const copyLog = async (folder: string, target: string): Promise<CopiedLog> => {
  await mkdir(target, { recursive: true, mode: 0o700 })
  const tables = openTables(folder, { readOnly: true })
  try {
    await tables.root.backup(join(target, LOG_FILE), true)
  } finally {
    await tables.root.close()
  }
  await markBackup(target)
  return checkCopy(target)
}

/** Checks a copy from end to end, in a process of its own. @throws StoreDamaged */
export const checkCopy = async (folder: string): Promise<CopiedLog> => {
  const { events } = await checkInChild(folder, CHECK_SECONDS_MAX, true)
  const tables = openTables(folder, { readOnly: true })
  try {
    return { events: lastOrdinal(tables) === events ? events : 0, epoch: tables.meta.get('epoch') ?? '' }
  } finally {
    await tables.root.close()
  }
}
