import { api } from '../api/index.ts'
import type { FileKind } from '../api/upload.ts'
import type { NotCarried } from './carried.ts'

/** What the company says of files that go out, whatever the channel takes. */
export type FileRules = {
  readonly bytesMax: number
  /** What is too large for the channel goes as a link. */
  readonly asLinks: boolean
}

/** No company may let out less, so that nothing has to be asked for smaller files. */
const BYTES_ALWAYS = 64 * 1024
export const isAlwaysTaken = ({ size }: { readonly size: number }): boolean => size <= BYTES_ALWAYS

/** Asked anew for each file: admins change it while others write. `null`: not known; then the server says at the upload. */
export const fileRules = (): Promise<FileRules | null> =>
  api.settings.get().then(
    ({ outboundMediaBytesMax, bounds, largeFilesAsLinks }) => ({
      bytesMax: outboundMediaBytesMax ?? bounds.mediaBytesMax,
      asLinks: largeFilesAsLinks,
    }),
    () => null,
  )

/** Pure: why the company does not let a file out; `null`: it does, or nobody knows. */
export const refusalBy = (rules: FileRules | null, kind: FileKind, size: number): NotCarried | null =>
  rules && size > rules.bytesMax ? { what: 'company', kind, max: rules.bytesMax } : null
