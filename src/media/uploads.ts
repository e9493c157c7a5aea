import type { UploadKind } from '../shared/upload-kind.ts'

/** A file that a person uploaded, in the company's media store, waiting for the message that carries it. */
export type Upload = {
  readonly id: string
  /** In the media store: `companyId/sha256`. */
  readonly key: string
  /** As sniffed from the bytes, not as the browser said. */
  readonly mime: string
  readonly size: number
  readonly sha256: string
  readonly name: string | null
  /** What it would be sent as unless the sender says otherwise. */
  readonly kind: UploadKind
  /** Of what plays, in seconds. */
  readonly seconds?: number
  /** Of pictures, in pixels, as they are seen. */
  readonly width?: number
  readonly height?: number
  /** A small picture of it lies beside it in the store. */
  readonly thumbnail?: boolean
}

/**
 * The port through which commands come to uploaded files. An upload expires unless it is used: bytes are removed only of
 * what has expired and is named by no message.
 */
export type Uploads = {
  /**
   * The upload, which from now on lives long enough for the message that names it to be written (at least an hour).
   * Taken again it is answered again: a request may be repeated, and a file sent to several people. `null`: unknown to
   * this company, or expired.
   */
  take(companyId: string, uploadId: string): Promise<Upload | null>
}
